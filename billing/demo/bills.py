"""What the demo company's providers billed: written from its usage, then read like any bill.

The story of the last full month: a script called OpenAI past the gateway for a day, Anthropic
forgot the negotiated price for the last ten days, Google took off a credit and added tax.
"""

import csv
import datetime as dt
import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from billing.margin import margin
from billing.provider_bills.focus import AI
from tknops.calendar import Period, add_months, month_start
from tknops.money import round_half_up

FILES = {
    "openai": ("demo-openai-costs.json",),
    "anthropic": ("demo-anthropic-cost.json", "demo-anthropic-usage.json"),
    "google": ("demo-google-focus.csv",),
}
# The name OpenAI bills a model by, which the price book knows, and the one the calls say.
BILLED_NAME = ("gpt-5.1-2025-11-13", "gpt-5.1")
_PARTS = {
    "input_tokens": ("input", "uncached_input_tokens", "Input"),
    "cache_read_tokens": ("cached input", "cache_read_input_tokens", "Cached input"),
    "output_tokens": ("output", "output_tokens", "Output"),
}
_PAST_THE_GATEWAY = (17, Decimal("0.4"))
_FORGOTTEN_FROM, _AT_LIST = 22, Decimal("1.17647")
_FORGOTTEN = "claude-opus-4-5"
_DECIMALS = 12
_CREDIT, _TAX = Decimal("-12.50"), Decimal("0.08")
_FOCUS = (
    "BilledCost", "BillingCurrency", "BillingPeriodStart", "BillingPeriodEnd", "ChargeCategory",
    "ChargeDescription", "ChargePeriodStart", "ChargePeriodEnd", "ConsumedQuantity",
    "ConsumedUnit", "InvoiceId", "ListCost", "ProviderName", "ServiceCategory", "ServiceName",
    "SkuId", "SkuMeter",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Used:
    """What a model was used for on a UTC day, of one token class."""

    model: str
    day: dt.date
    token_class: str
    quantity: int
    cost: Decimal


def bills(*, first: dt.date, today: dt.date) -> Iterator[tuple[str, list[tuple[str, bytes]]]]:
    """Yield each provider and the files of its bill of all full months."""
    end = month_start(today)
    last = add_months(end, -1)
    for provider, names in FILES.items():
        used = _used(provider, Period(month_start(first), end))
        if not used:
            continue
        if provider == "openai":
            contents = [_openai(used, last)]
        elif provider == "anthropic":
            contents = [_anthropic(used, last), _anthropic_usage(used)]
        else:
            contents = [_google(used)]
        yield provider, list(zip(names, contents, strict=True))


def _used(provider: str, days: Period) -> list[Used]:
    around = Period(days.start - dt.timedelta(days=1), days.end + dt.timedelta(days=1))
    found = []
    for name in _PARTS:
        report = margin(
            by=("model", "utc_day"),
            period=around,
            filters={"provider": [provider]},
            only=(name,),
        )
        for row in report.rows:
            day = dt.date.fromisoformat(row.key[1])
            if row.cost and days.start <= day < days.end:
                found.append(Used(row.key[0], day, name, row.tokens[name], row.cost))
    return sorted(found, key=lambda one: (one.day, one.model, one.token_class))


def _openai(used: Sequence[Used], last: dt.date) -> bytes:
    """Bill what was used, and on one day of the last month more than the company saw."""
    day, more = _PAST_THE_GATEWAY
    buckets: dict[dt.date, list[object]] = {}
    for one in used:
        quantity = one.quantity
        if one.day == last.replace(day=day):
            quantity += int(quantity * more)
        name = BILLED_NAME[0] if one.model == BILLED_NAME[1] else one.model
        buckets.setdefault(one.day, []).append({
            "object": "organization.costs.result",
            "amount": {"value": _text(one.cost / one.quantity * quantity), "currency": "usd"},
            "line_item": f"{name}, {_PARTS[one.token_class][0]}",
            "quantity": quantity, "quantity_unit": "tokens", "project_id": None,
        })  # fmt: skip
    data = [
        {"object": "bucket", "start_time": _seconds(on), "end_time": _seconds(on) + 86_400,
         "results": results}
        for on, results in buckets.items()
    ]  # fmt: skip
    return json.dumps({"object": "page", "data": data, "has_more": False}).encode()


def _anthropic(used: Sequence[Used], last: dt.date) -> bytes:
    """Bill in cents; one model at its list price where the negotiated one was forgotten."""
    buckets: dict[dt.date, list[object]] = {}
    for one in used:
        forgotten = one.model == _FORGOTTEN and one.day >= last.replace(day=_FORGOTTEN_FROM)
        cost = one.cost * (_AT_LIST if forgotten and month_start(one.day) == last else 1)
        buckets.setdefault(one.day, []).append({
            "amount": _text(cost * 100), "currency": "USD", "cost_type": "tokens",
            "model": one.model, "token_type": _PARTS[one.token_class][1],
            "description": f"{one.model} {_PARTS[one.token_class][2]}", "workspace_id": None,
        })  # fmt: skip
    return _report(buckets)


def _anthropic_usage(used: Sequence[Used]) -> bytes:
    buckets: dict[dt.date, list[object]] = {}
    for one in used:
        counts = {name: 0 for _, name, _ in _PARTS.values()}
        counts[_PARTS[one.token_class][1]] = one.quantity
        buckets.setdefault(one.day, []).append({**counts, "model": one.model})
    return _report(buckets)


def _report(buckets: dict[dt.date, list[object]]) -> bytes:
    data = [
        {"starting_at": _start(on), "ending_at": _start(on + dt.timedelta(days=1)),
         "results": results}
        for on, results in buckets.items()
    ]  # fmt: skip
    return json.dumps({"data": data, "has_more": False, "next_page": None}).encode()


def _google(used: Sequence[Used]) -> bytes:
    out = io.StringIO()
    writer = csv.DictWriter(out, _FOCUS, restval="")
    writer.writeheader()
    months: dict[dt.date, Decimal] = {}
    for one in used:
        month = month_start(one.day)
        months[month] = months.get(month, Decimal(0)) + one.cost
        writer.writerow(_focus(month, one.day, _text(one.cost), "Usage") | {
            "ChargeDescription": f"{one.model} {_PARTS[one.token_class][2]}",
            "ConsumedQuantity": f"{one.quantity}.000000", "ConsumedUnit": "Tokens",
            "ListCost": _text(one.cost), "SkuId": one.model,
            "SkuMeter": _PARTS[one.token_class][2],
        })  # fmt: skip
    for month, cost in months.items():
        credit = _CREDIT if cost > -_CREDIT else Decimal(0)
        tax = round_half_up((cost + credit) * _TAX, 2)
        for amount, kind, text in ((credit, "Credit", "Promotion"), (tax, "Tax", "Sales tax")):
            row = _focus(month, month, _text(amount), kind) | {"ChargeDescription": text}
            writer.writerow(row | {"ChargePeriodEnd": row["BillingPeriodEnd"]})
    return out.getvalue().encode()


def _focus(month: dt.date, day: dt.date, cost: str, category: str) -> dict[str, str]:
    return {
        "BilledCost": cost, "BillingCurrency": "USD", "BillingPeriodStart": _start(month),
        "BillingPeriodEnd": _start(add_months(month, 1)), "ChargeCategory": category,
        "ChargePeriodStart": _start(day), "ChargePeriodEnd": _start(day + dt.timedelta(days=1)),
        "InvoiceId": f"G-{month:%Y%m}", "ProviderName": "Google Cloud", "ServiceCategory": AI,
        "ServiceName": "Vertex AI",
    }  # fmt: skip


def _start(day: dt.date) -> str:
    return f"{day}T00:00:00Z"


def _seconds(day: dt.date) -> int:
    return int(dt.datetime.combine(day, dt.time(), dt.UTC).timestamp())


def _text(amount: Decimal) -> str:
    """Write an amount as providers do, to a trillionth."""
    return f"{round_half_up(amount, _DECIMALS):f}"
