"""Chart data for the browser: numbers rounded to cents as text, drawn by a static script."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from billing.margin import MarginReport
from tknops.calendar import Period
from tknops.money import round_half_up


def monthly(report: MarginReport, chart: Period) -> dict[str, Any]:
    """Revenue and cost bars with the margin % line, one point per month of the chart."""
    by_month = {row.key[0]: row for row in report.rows}
    months = [f"{month.start:%Y-%m}" for month in chart.months()]
    rows = [by_month.get(month) for month in months]
    return {
        "kind": "monthly",
        "months": months,
        "revenue": [_number(row.revenue if row else None) for row in rows],
        "cost": [_number(row.cost if row else None) for row in rows],
        "margin_pct": [_number(row.margin_pct if row else None) for row in rows],
    }


def scatter(report: MarginReport) -> dict[str, Any]:
    """Revenue against cost, a point per customer."""
    return {
        "kind": "scatter",
        "points": [
            {
                "name": report.labels.get("customer", {}).get(row.key[0], row.key[0]),
                "revenue": _number(row.revenue),
                "cost": _number(row.cost),
            }
            for row in report.rows
            if row.revenue and row.cost is not None
        ],
    }


def stacked(report: MarginReport, chart: Period) -> dict[str, Any]:
    """Cost by the first dimension over months; the report is by (dimension, month)."""
    months = [f"{month.start:%Y-%m}" for month in chart.months()]
    found: dict[str, dict[str, Decimal | None]] = {}
    for row in report.rows:
        if row.cost:
            found.setdefault(row.key[0], {})[row.key[1]] = row.cost
    labels = report.labels.get(report.by[0], {})
    series = [
        {"name": labels.get(key, key), "values": [_number(costs.get(month)) for month in months]}
        for key, costs in sorted(found.items())
    ]
    return {"kind": "stacked", "months": months, "series": series}


def bars(labels: Sequence[str], series: Mapping[str, Sequence[Decimal | None]]) -> dict[str, Any]:
    """Groups of bars, a series each."""
    values = {name: [_number(value) for value in numbers] for name, numbers in series.items()}
    return {"kind": "bars", "labels": list(labels), "series": values}


def _number(value: Decimal | None) -> str | None:
    return None if value is None else str(round_half_up(value, 2))
