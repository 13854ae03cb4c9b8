"""What attributing anew moved, as tables: one per dimension."""

from collections.abc import Sequence

from billing.measures import dimension
from billing.reports.reattributed import DIMENSIONS, Move, Moves
from billing.reports.rows import ZERO
from billing.reports.table import Column, Row, Table


def tables_of(found: Moves) -> list[Table]:
    """Build the tables of the dimensions in which something moved, customers first."""
    return [_table(name, moves) for name in DIMENSIONS if (moves := found.of(name))]


def _table(name: str, moves: Sequence[Move]) -> Table:
    label = dimension(name).label
    columns = (
        Column("name", label),
        Column("month", "Month"),
        Column("before", "AI cost before", "money", adds=True),
        Column("after", "AI cost after", "money", adds=True),
        Column("moved", "Moved", "cost_change", "after − before; the rows sum to 0", adds=True),
        Column("events", "Events", "count"),
    )
    ordered = sorted(moves, key=lambda one: (-abs(one.moved), one.key, one.month))
    rows = [
        Row(
            {
                "key": one.key,
                "name": one.label,
                "month": one.month,
                "before": one.before,
                "after": one.after,
                "moved": one.moved,
                "events": one.events,
            }
        )
        for one in ordered
    ]
    sums = {key: sum((getattr(one, key) for one in moves), ZERO) for key in ("before", "after")}
    total = {"name": "Total", **sums, "moved": sums["after"] - sums["before"]}
    caption = f"AI cost moved by {label.lower()} and month"
    return Table(columns, rows, Row(total), caption=caption, name=name)
