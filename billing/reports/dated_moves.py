"""Money a change of attributes, parents or rules of shared cost moves: done, looked at, undone."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from django.conf import settings
from django.db import transaction

from billing.margin import Allocation, MarginReport, allocations, margin
from billing.measures import dimension
from billing.reports.compared import Move, moves
from billing.reports.reprice import months_of_usage
from billing.reports.rows import name
from billing.reports.shares import change_table
from billing.reports.table import Column, Row, Table
from billing.undo import Touched, newest, touched_since

T = TypeVar("T")
_SHOWN = 50


@dataclass(frozen=True, slots=True)
class DatedMoves:
    """What a change moves: a table per dimension it concerns and per pool."""

    touched: Touched
    tables: list[Table] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Asked:
    cost: Mapping[str, MarginReport]
    shared: list[Allocation]


def rehearsed(change: Callable[[], T]) -> tuple[T, DatedMoves]:
    """Make a change, look at what it moved, and take all of it back; return what it returned."""
    mark = newest()
    with transaction.atomic():
        made = change()
        touched = touched_since(mark)
        after = _ask(touched) if touched else None
        transaction.set_rollback(True)
    if after is None:
        return made, DatedMoves(touched)
    before = _ask(touched)
    tables = [
        table
        for one in sorted(touched.dimensions)
        for figure in ("cost", "revenue")
        if (table := _table(one, figure, before.cost, after.cost))
    ]
    if touched.pools and before.shared != after.shared:
        tables.append(change_table(before.shared, after.shared, settings.REPORTING_CURRENCY))
    return made, DatedMoves(touched, tables)


def _ask(touched: Touched) -> _Asked:
    days = months_of_usage()
    if days is None:
        return _Asked({}, [])
    return _Asked(
        {one: margin(by=[one, "month"], period=days) for one in touched.dimensions},
        [row for row in allocations(days) if row.pool.pk in touched.pools] if touched.pools else [],
    )


def _table(
    by: str, figure: str, before: Mapping[str, MarginReport], after: Mapping[str, MarginReport]
) -> Table | None:
    if by not in before or by not in after:
        return None
    found = [one for one in moves(before[by], after[by], figure) if one.moved]
    if not found:
        return None
    said = "AI cost" if figure == "cost" else "Revenue"
    kind = "cost_change" if figure == "cost" else "signed_money"
    columns = (
        Column("name", dimension(by).label),
        Column("month", "Month"),
        Column("before", f"{said} before", "money", adds=True),
        Column("after", f"{said} after", "money", adds=True),
        Column("moved", "Moved", kind, "after − before; the rows sum to 0", adds=True),
    )
    ranked = sorted(found, key=lambda one: (-abs(one.moved), one.key))
    rows = [_row(after[by], before[by], by, one) for one in ranked[:_SHOWN]]
    note = f"The largest {_SHOWN} of {len(ranked):,}." if len(ranked) > _SHOWN else ""
    caption = f"{said} moved by {dimension(by).label.lower()} and month"
    return Table(columns, rows, None, caption=caption, name=f"{figure}-{by}", note=note)


def _row(after: MarginReport, before: MarginReport, by: str, one: Move) -> Row:
    report = after if any(row.key == one.key for row in after.rows) else before
    return Row(
        {
            "name": name(report, by, one.key[0]),
            "month": one.key[1],
            "before": one.before,
            "after": one.after,
            "moved": one.moved,
        }
    )
