"""Who bears shared cost and by what, and what a changed rule would move."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal, localcontext
from typing import Any

from billing.margin import Allocation
from billing.margin.labels import labels
from billing.measures import FORMULAS, dimension
from billing.reports.rows import SPECIAL, ZERO, quoted
from billing.reports.table import Column, Row, Table
from tknops.money import EXACT, minor_digits, round_half_up

_Names = Mapping[str, Mapping[str, str]]
# Month, dimension, target, currency.
_Key = tuple[str, str, str, str]
_TARGETS = ("customer", "plan", "feature")
# Of each method: the kind of its driver's column, and what it counts.
_DRIVERS = {
    "DIRECT_COST": ("money", "AI cost"),
    "TOKENS": ("count", "Tokens"),
    "REVENUE": ("money", "Revenue"),
    "EVENLY": ("count", "With calls"),
    "WEIGHTS": ("text", "Weight"),
    "": ("text", "Driver"),
}
_UNITS = {"TOKENS": "tokens"}
_MOST_MOVED = 40


def targets_table(rows: Sequence[Allocation], currency: str) -> Table:
    """Build target × driver × share × amount of one pool and month; the total is the pool's cost.

    Where the rule changed in the month each stretch of days has its own rows and shares.
    """
    borne = [row for row in rows if not row.is_taken]
    methods = {row.method for row in borne}
    kind, counted = _DRIVERS["" if len(methods) != 1 else methods.pop()]
    money = "money" if all(row.currency == currency for row in borne) else "text"
    names = labels(_TARGETS)
    lines = [
        Row(
            {
                "target": _named(row.kind, row.target, names),
                "kind": dimension(row.kind).label.lower() if row.kind else "",
                "days": _days(row),
                "how": row.how,
                "driver": _driver(row, kind),
                "share": row.share_pct,
                "amount": row.amount if money == "money" else _written(row.amount, row.currency),
            },
            f"shared-cost?{row.kind}={quoted(row.target)}" if row.kind else "",
            stays_last=row.target in SPECIAL,
        )
        for row in sorted(borne, key=lambda r: (r.target in SPECIAL, -r.amount, r.target))
    ]
    whole = sum((row.amount for row in borne), ZERO)
    total: Any = whole if money == "money" else _written(whole, borne[0].currency)
    columns = (
        Column("target", "Target"),
        Column("kind", "Is a"),
        Column("days", "Days"),
        Column("how", "Shared"),
        Column("driver", counted, kind, "measured over the days of the rule", adds=kind != "text"),
        Column("share", "Share", "percent", "driver ÷ sum of the drivers"),
        Column(
            "amount", "Amount", money, "by largest remainder in minor units", adds=money != "text"
        ),
    )
    return Table(
        columns,
        lines,
        Row({"target": "Cost of the pool", "amount": total}),
        caption="Who bears it",
        name="targets",
        sort="-amount" if money == "money" else "",
        note=_taken_note(rows),
    )


def _taken_note(rows: Sequence[Allocation]) -> str:
    taken = sum((row.amount for row in rows if row.is_taken), ZERO)
    return f"Taken off the unattributed cost: {_written(taken, rows[0].currency)}." if taken else ""


def borne_table(rows: Iterable[Allocation], currency: str) -> Table:
    """Build what one target bears of each pool, with the driver it is by."""
    lines = [
        Row(
            {
                "pool": row.pool.name,
                "days": _days(row),
                "how": row.how,
                "driver": _driver_text(row, currency),
                "share": row.share_pct,
                "amount": row.amount if row.currency == currency else None,
                "foreign": "" if row.currency == currency else _written(row.amount, row.currency),
            },
            f"shared-cost/pool/{row.pool.pk}?month={row.month}",
        )
        for row in rows
    ]
    columns = (
        Column("pool", "Pool"),
        Column("amount", "Allocated cost", "money", FORMULAS["allocated_cost"], adds=True),
        Column("share", "Share", "percent", "driver ÷ sum of the drivers"),
        Column("driver", "Driver"),
        Column("how", "Shared"),
        Column("days", "Days"),
        Column(
            "foreign",
            "In another currency",
            help="in its own currency; margins convert it at each day's rate",
        ),
    )
    total = sum((row.amount for row in rows if row.currency == currency), ZERO)
    return Table(
        columns,
        lines,
        Row({"pool": "Total", "amount": total}),
        caption="Shared cost it bears",
        name="borne",
    )


def change_table(before: Sequence[Allocation], after: Sequence[Allocation], currency: str) -> Table:
    """Build what a changed rule moves: month × target, before → after; what moves sums to 0.

    The most moved stand alone, the others in one row.
    """
    old, new = _by_target(before), _by_target(after)
    names = labels(_TARGETS)
    money = all(key[3] == currency for key in old | new)
    ranked = sorted(
        old.keys() | new.keys(), key=lambda k: (-abs(new.get(k, ZERO) - old.get(k, ZERO)), k)
    )

    def cells(first: str, keys: Sequence[_Key]) -> dict[str, Any]:
        with localcontext(EXACT):
            was = sum((old.get(key, ZERO) for key in keys), ZERO)
            will = sum((new.get(key, ZERO) for key in keys), ZERO)
            figures = {"before": was, "after": will, "moved": will - was}
        code = keys[0][3] if keys else currency
        shown = {name: _written(value, code) for name, value in figures.items()}
        return {"target": first, **(figures if money else shown)}

    lines = [
        Row(cells(_named(key[1], key[2], names), [key]) | {"month": key[0]})
        for key in ranked[:_MOST_MOVED]
    ]
    if rest := ranked[_MOST_MOVED:]:
        lines.append(Row(cells(f"{len(rest):,} others", rest), stays_last=True))
    columns = (
        Column("target", "Target"),
        Column("month", "Month"),
        Column("before", "Before", "money" if money else "text", adds=True),
        Column("after", "After", "money" if money else "text", adds=True),
        Column("moved", "Moved", "signed_money" if money else "text", adds=True),
    )
    total = Row(cells("Total", ranked))
    return Table(columns, lines, total, caption="What it moves", name="moved")


def _named(kind: str, target: str, names: _Names) -> str:
    return names.get(kind, {}).get(target, target)


def _by_target(rows: Iterable[Allocation]) -> dict[_Key, Decimal]:
    found: dict[_Key, Decimal] = {}
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


def _driver_text(row: Allocation, currency: str) -> str:
    """Write a driver with its unit, rounded as shown: files of the pool have it in full."""
    if row.quantity is not None and _DRIVERS[row.method][0] == "money":
        return _written(round_half_up(row.quantity, minor_digits(currency)), currency)
    return f"{_driver(row, 'text')} {_UNITS.get(row.method, '')}".strip()


def _written(amount: Decimal, code: str) -> str:
    return f"{amount:,} {code}"


def _days(row: Allocation) -> str:
    last = row.days.end - dt.timedelta(days=1)
    return f"{row.days.start} to {last}"
