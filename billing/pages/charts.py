"""Chart data for the browser: numbers rounded to cents as text, drawn by a static script."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.conf import settings

from billing.margin import MarginReport, MarginRow
from billing.reports.health import health
from billing.reports.models import PriceChange
from billing.reports.rows import SPECIAL, name
from billing.templatetags.money import money, percent, symbol
from tknops.calendar import Period
from tknops.money import round_half_up


def monthly(rows: Mapping[str, MarginRow], chart: Period, *, title: str) -> dict[str, Any]:
    """Revenue and cost bars with the margin % line, one point per month of the chart.

    A month without any call has no margin % to show: its cost is not known to be 0.
    """
    months = [f"{month.start:%Y-%m}" for month in chart.months()]
    found = [rows.get(month) for month in months]
    return {
        **base("monthly", title),
        "labels": [*(_month(month) for month in months[:-1]), _newest(chart)],
        "months": months,
        "revenue": [number(row.revenue if row else None) for row in found],
        "cost": [number(row.cost_of_revenue if row else None) for row in found],
        "margin_pct": [number(row.margin_pct if row and row.events else None) for row in found],
        "figures": [
            (
                _month(month),
                money(row.revenue if row else None),
                money(row.cost_of_revenue if row else None),
                percent(row.margin_pct if row and row.events else None),
            )
            for month, row in zip(months, found, strict=True)
        ],
    }


def scatter(report: MarginReport, links: Mapping[str, str], *, title: str) -> dict[str, Any]:
    """Revenue against cost, a point per paying customer, with break-even and target lines."""
    return {
        **base("scatter", title),
        "target": settings.TARGET_MARGIN_PCT,
        "points": [
            {
                "name": name(report, "customer", row.key[0]),
                "link": links.get(row.key[0], ""),
                "revenue": number(row.revenue),
                "cost": number(row.cost_of_revenue),
                "margin_pct": number(row.margin_pct),
                "health": health(row.margin_pct, row.revenue, row.cost_of_revenue),
            }
            for row in report.rows
            if row.revenue and row.revenue > 0 and row.cost_of_revenue and row.key[0] not in SPECIAL
        ],
    }


def stacked(
    report: MarginReport, chart: Period, changes: Iterable[PriceChange] = (), *, title: str
) -> dict[str, Any]:
    """Cost by the first dimension over months, dearest below; price changes marked."""
    months = [f"{month.start:%Y-%m}" for month in chart.months()]
    found: dict[str, dict[str, Decimal]] = {}
    for row in report.rows:
        if row.cost:
            found.setdefault(row.key[0], {})[row.key[1]] = row.cost
    ranked = sorted(found.items(), key=lambda item: -sum(item[1].values()))
    return {
        **base("stacked", title),
        "labels": [_month(month) for month in months],
        "series": [
            {
                "name": name(report, report.by[0], key),
                "values": [number(costs.get(month)) for month in months],
            }
            for key, costs in ranked
        ],
        "marks": [
            {
                "at": months.index(f"{change.period_start:%Y-%m}"),
                "text": _moved(change),
            }
            for change in changes
            if change.model[1] in found
        ],
    }


def stacked_series(
    months: Sequence[str], series: Mapping[str, Sequence[Decimal | None]], *, title: str
) -> dict[str, Any]:
    """Amounts of several things over months, one on the other."""
    return {
        **base("stacked", title),
        "labels": [_month(month) for month in months],
        "series": [
            {"name": key, "values": [number(value) for value in values]}
            for key, values in series.items()
        ],
        "marks": [],
    }


def bars(
    labels: Sequence[str], series: Mapping[str, Sequence[Decimal | None]], *, title: str
) -> dict[str, Any]:
    """Groups of bars, a series each."""
    return {
        **base("bars", title),
        "labels": list(labels),
        "series": [
            {"name": key, "values": [number(value) for value in numbers]}
            for key, numbers in series.items()
        ],
    }


def ranges(rows: Iterable[Mapping[str, Any]], *, title: str) -> dict[str, Any]:
    """P10–P90 of cost per account against what an account pays, a band per plan."""
    keys = ("p10", "p50", "p90", "per_account")
    return {
        **base("ranges", title),
        "rows": [
            {"name": row["name"], **{key: number(row.get(key)) for key in keys}} for row in rows
        ],
    }


def waterfall(
    effects: Sequence[tuple[str, Decimal]],
    margin: Decimal,
    *,
    start: str,
    end: str,
    title: str,
    words: tuple[str, str] = ("effect on AI margin", "AI margin"),
) -> dict[str, Any]:
    """Steps from one margin, or what else `words` call a step and an end, to the other."""
    level = margin
    steps = []
    for label, amount in effects:
        steps.append(
            {
                "name": label,
                "low": number(min(level, level + amount)),
                "size": number(abs(amount)),
                "amount": number(amount),
            }
        )
        level += amount
    return {
        **base("waterfall", title),
        "words": words,
        "from": {"name": start, "value": number(margin)},
        "to": {"name": end, "value": number(level)},
        "steps": steps,
    }


def base(kind: str, title: str) -> dict[str, Any]:
    """Return what every chart says of itself."""
    return {
        "kind": kind,
        "title": title,
        "currency": settings.REPORTING_CURRENCY,
        "symbol": symbol(),
    }


def _newest(chart: Period) -> str:
    """Name the newest month, and its last day where it is running."""
    label = f"{chart.end - dt.timedelta(days=1):%b %y}"
    return label if chart.end.day == 1 else f"{label} to {(chart.end - dt.timedelta(days=1)).day}"


def _month(key: str) -> str:
    return f"{dt.date(int(key[:4]), int(key[5:7]), 1):%b %y}"


def _moved(change: PriceChange) -> str:
    model = change.model[1]
    if change.change_pct is None:
        return f"{model}: price changed"
    sign = "+" if change.change_pct > 0 else "\u2212"
    return f"{model}: {sign}{abs(change.change_pct)} %"


def number(value: Decimal | None) -> str | None:
    """Write an amount for the browser, rounded to cents as it is shown."""
    return None if value is None else str(round_half_up(value, 2))
