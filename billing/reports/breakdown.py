"""Tables of cost by any dimensions: cost, share, calls, cost per call and the change."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from billing.margin import MarginReport, MarginRow
from billing.measures import FORMULAS, dimension
from billing.reports.rows import SPECIAL, ZERO, difference, figures, last, left_out, name, share
from billing.reports.table import Column, Row, Table
from tknops.money import divide

COST = Column("cost", "AI cost", "money", FORMULAS["cost"], adds=True)
SHARE = Column("share", "Share", "percent", FORMULAS["share"])
CALLS = Column("events", "Calls", "count", FORMULAS["events"], adds=True)
PER_CALL = Column("per_call", "Cost per call", "price", FORMULAS["per_call"])
CHANGE = Column("change", "Δ", "cost_change", FORMULAS["cost_change"], adds=True)

Extra = Callable[[MarginRow], dict[str, Any]]
Link = Callable[[MarginRow], str]


def cost_table(
    now: MarginReport,
    before: MarginReport,
    *,
    caption: str,
    columns: tuple[Column, ...] = (COST, SHARE, CALLS, PER_CALL, CHANGE),
    extra: Extra = lambda _: {},
    link: Link = lambda _: "",
    heads: tuple[str, ...] = (),
) -> Table:
    """Build a cost table of the report's dimensions, dearest first.

    Rows that were there only in the previous period stay, at cost 0, so that the changes add up;
    what bears shared cost alone stays where a column shows that. The last head leads on.
    """
    shown = heads or now.by
    borne = any(column.key == "allocated_cost" for column in columns)
    earlier = {row.key: row for row in before.rows if row.events}
    current = {row.key: row for row in now.rows if row.events or (borne and row.allocated_cost)}
    gone = [
        MarginRow(key, cost=ZERO) for key in earlier.keys() - current.keys() if earlier[key].cost
    ]
    ranked = sorted([*current.values(), *gone], key=lambda r: (-(r.cost or ZERO), r.key))
    rows = []
    for row in ranked:
        special = any(key in SPECIAL for key in row.key)
        cells: dict[str, Any] = {d: name(now, d, k) for d, k in zip(now.by, row.key, strict=True)}
        cells |= {"key": " ".join(row.key), **cost_cells(row, now.total.cost)}
        cells |= {"change": _change(row, earlier.get(row.key)), **extra(row)}
        links = {} if special else {shown[-1]: link(row)}
        rows.append(Row(cells, links=links, stays_last=special))
    titles = tuple(Column(d, dimension(d).label) for d in shown)
    total: dict[str, Any] = {
        shown[0]: "Total",
        **cost_cells(now.total, now.total.cost),
        **extra(now.total),
    }
    total["change"] = difference(now.total.cost, before.total.cost)
    return Table(
        (*titles, *columns),
        last(rows),
        Row(total),
        caption=caption,
        name=shown[-1],
        sort="-cost",
        note=left_out(now.total),
    )


def cost_cells(row: MarginRow, whole: Decimal | None) -> dict[str, Any]:
    """Return cost, share and cost per call of a row."""
    cells = figures(row)
    if row.cost is not None:
        cells["share"] = share(row.cost, whole)
        cells["per_call"] = divide(row.cost, Decimal(row.events), 8)
    return cells


def _change(row: MarginRow, before: MarginRow | None) -> Decimal | None:
    return difference(row.cost, before.cost if before else ZERO)
