"""Files of providers' bills, as small as they may be."""

import datetime as dt
import json

OCTOBER = dt.date(2026, 10, 1)


def seconds(day):
    return int(dt.datetime.fromisoformat(f"{day}T00:00:00+00:00").timestamp())


def openai_costs(*results, more=False):
    """Each (day, line item, dollars, quantity)."""
    return json.dumps({
        "object": "page", "has_more": more, "next_page": "p2" if more else None,
        "data": [
            {
                "object": "bucket", "start_time": seconds(day), "end_time": seconds(day) + 86_400,
                "results": [{
                    "object": "organization.costs.result", "line_item": item,
                    "amount": {"value": value, "currency": "usd"},
                    "quantity": quantity, "quantity_unit": None,
                }],
            }
            for day, item, value, quantity in results
        ],
    })  # fmt: skip


def openai_usage(day, **result):
    return json.dumps({
        "object": "page", "has_more": False,
        "data": [{
            "object": "bucket", "start_time": seconds(day), "end_time": seconds(day) + 86_400,
            "results": [{"object": "organization.usage.completions.result", **result}],
        }],
    })  # fmt: skip


def anthropic(*results):
    """Each (day, result) of a cost or usage report."""
    return json.dumps({
        "has_more": False,
        "data": [
            {"starting_at": f"{day}T00:00:00Z", "ending_at": f"{_next(day)}T00:00:00Z",
             "results": [result]}
            for day, result in results
        ],
    })  # fmt: skip


def _next(day):
    return dt.date.fromisoformat(day) + dt.timedelta(days=1)
