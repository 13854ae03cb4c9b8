"""Who bears shared cost and by what, and what a changed rule would move."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal, localcontext
from itertools import groupby
from typing import Any

from billing.margin import Allocation
from billing.margin.labels import labels
from billing.measures import FORMULAS, dimension
from billing.reports.rows import SPECIAL, ZERO, quoted
from billing.reports.table import Column, Row, Table
from tknops.money import EXACT

_Names = Mapping[str, Mapping[str, str]]
_TARGETS = ("customer", "plan", "feature")
# Of each method: the kind of its driver's column, and what it counts.
_DRIVERS = {
    "DIRECT_COST": ("money", "AI cost"),
    "TOKENS": ("count", "Tokens"),
    "REVENUE": ("money", "Revenue"),
    "EVENLY": ("count", "With calls"),
    "WEIGHTS": ("text", "Weight"),
}


def target_tables(rows: Sequence[Allocation], currency: str) -> list[Table]:
    """Build a table per stretch of the month with one rule: target × driver × share × amount."""
    names = labels(_TARGETS)
    return [
        _targets(list(together), currency, f"targets-{number}", names)
        for number, (_, together) in enumerate(groupby(rows, key=lambda row: row.days))
    ]


def _targets(rows: list[Allocation], currency: str, name: str, names: _Names) -> Table:
    first = rows[0]
    kind, counted = _DRIVERS.get(first.method, ("text", "Driver"))
    money = "money" if first.currency == currency else "text"
    columns = (
        Column("target", "Target"),
        Column("kind", "Is a"),
        Column("driver", counted, kind, "measured over the days of the rule", adds=kind != "text"),
        Column("share", "Share", "percent", "driver ÷ sum of the drivers"),
        Column("amount", "Amount", money, "by largest remainder in minor units", adds=True),
    )
    lines = [
        Row(
            {
                "target": _named(row.kind, row.target, names),
                "kind": _kind(row),
                "driver": _driver(row, kind),
                "share": row.share_pct,
                "amount": _money(row, currency),
            },
            _link(row),
            stays_last=row.target in SPECIAL,
        )
        for row in sorted(rows, key=lambda row: (row.target in SPECIAL, -row.amount, row.target))
    ]
    whole = sum((row.amount for row in rows if not row.is_taken), ZERO)
    taken = any(row.is_taken for row in rows)
    total = {"target": "Cost of the pool", "amount": _written(whole, first.currency, currency)}
    return Table(
        columns,
        lines,
        None if taken else Row(total),
        caption=f"{_days(first)}: {first.how}" + (f", {whole:,} {first.currency}" if taken else ""),
        name=name,
    )


def borne_table(rows: Iterable[Allocation], currency: str) -> Table:
    """Build what one target bears of each pool, with the driver it is by."""
    lines = [
        Row(
            {
                "pool": row.pool.name,
                "days": _days(row),
                "how": row.how,
                "driver": _driver(row, "text"),
                "share": row.share_pct,
                "amount": _money(row, currency) if row.currency == currency else None,
                "foreign": "" if row.currency == currency else f"{row.amount:,} {row.currency}",
            },
            f"shared-cost/pool/{row.pool.pk}?month={row.month}",
        )
        for row in rows
    ]
    columns = (
        Column("pool", "Pool"),
        Column("days", "Days"),
        Column("how", "Shared"),
        Column("driver", "Driver"),
        Column("share", "Share", "percent"),
        Column("amount", "Allocated cost", "money", FORMULAS["allocated_cost"], adds=True),
        Column("foreign", "In another currency", help="unconverted: in no total"),
    )
    total = sum((row.amount for row in rows if row.currency == currency), ZERO)
    return Table(
        columns,
        lines,
        Row({"pool": "Total", "amount": total}),
        caption="Shared cost it bears",
        name="borne",
    )


def change_table(before: Sequence[Allocation], after: Sequence[Allocation]) -> Table:
    """Build what a changed rule moves: month × target, before → after; what moves sums to 0."""
    old, new = _by_target(before), _by_target(after)
    names = labels(_TARGETS)
    lines = []
    with localcontext(EXACT):
        for key in sorted(old.keys() | new.keys()):
            was, will = old.get(key, ZERO), new.get(key, ZERO)
            month, kind, target, currency = key
            cells = {
                "month": month, "target": _named(kind, target, names), "currency": currency,
                "before": f"{was:,}", "after": f"{will:,}", "moved": f"{will - was:+,}",
            }  # fmt: skip
            lines.append(Row(cells))
        was, will = sum(old.values(), ZERO), sum(new.values(), ZERO)
    total = {
        "month": "Total", "before": f"{was:,}", "after": f"{will:,}", "moved": f"{will - was:+,}",
    }  # fmt: skip
    columns = (
        Column("month", "Month"),
        Column("target", "Target"),
        Column("before", "Before"),
        Column("after", "After"),
        Column("moved", "Moved"),
        Column("currency", "Currency"),
    )
    return Table(columns, lines, Row(total), caption="What it moves", name="moved")


def _named(kind: str, target: str, names: _Names) -> str:
    return names.get(kind, {}).get(target, target)


def _by_target(rows: Iterable[Allocation]) -> dict[tuple[str, str, str, str], Decimal]:
    found: dict[tuple[str, str, str, str], Decimal] = {}
    for row in rows:
        if not row.is_taken:
            key = (row.month, row.kind, row.target, row.currency)
            found[key] = found.get(key, ZERO) + row.amount
    return found


def _driver(row: Allocation, kind: str) -> Any:
    if row.quantity is None or kind == "money":
        return row.quantity
    if kind == "count":
        return int(row.quantity)
    text = f"{row.quantity:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _money(row: Allocation, currency: str) -> Any:
    return _written(row.amount, row.currency, currency)


def _written(amount: Decimal, code: str, currency: str) -> Any:
    return amount if code == currency else f"{amount:,} {code}"


def _kind(row: Allocation) -> str:
    if row.is_taken:
        return "off the unattributed cost"
    return dimension(row.kind).label.lower() if row.kind else ""


def _link(row: Allocation) -> str:
    if not row.kind:
        return ""
    return f"shared-cost?{row.kind}={quoted(row.target)}"


def _days(row: Allocation) -> str:
    last = row.days.end - dt.timedelta(days=1)
    return f"{row.days.start} to {last}"
