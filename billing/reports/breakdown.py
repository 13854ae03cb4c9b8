"""Tables of one dimension: cost, share, calls and cost per call, with the change."""

from decimal import Decimal

from billing.margin import MarginReport
from billing.reports.rows import figures, last, name
from billing.reports.table import Column, Row, Table
from tknops.money import divide
from usage.tokens import INPUT_TOKENS, TOKENS

COST_COLUMNS = (
    Column("cost", "AI cost", "money"),
    Column("share", "Share", "percent"),
    Column("events", "Calls", "count"),
    Column("per_call", "Cost per 1,000 calls", "money"),
    Column("before", "Previous period", "money"),
    Column("unpriced", "Unpriced events", "count"),
)


def cost_table(now: MarginReport, before: MarginReport, *, extra: tuple[Column, ...] = ()) -> Table:
    """Build a cost table of the report's dimensions, dearest first."""
    earlier = {row.key: row.cost for row in before.rows}
    rows = []
    for row in sorted(now.rows, key=lambda r: r.cost or Decimal(-1), reverse=True):
        if not row.events:
            continue
        cost = row.cost
        cells = {
            "key": row.key[-1],
            **{d: name(now, d, k) for d, k in zip(now.by, row.key, strict=True)},
            **figures(row),
            "share": None if cost is None else divide(cost * 100, now.total.cost or Decimal(0), 4),
            "per_call": None if cost is None else divide(cost * 1000, Decimal(row.events), 6),
            "before": earlier.get(row.key),
            "tokens": sum(row.tokens[token] for token in TOKENS),
            "cache_rate": divide(
                Decimal(row.tokens["cache_read_tokens"] * 100),
                Decimal(sum(row.tokens[token] for token in INPUT_TOKENS)),
                4,
            ),
        }
        rows.append(Row(cells))
    total = Row({now.by[0]: "Total", **figures(now.total), "before": before.total.cost})
    heads = tuple(Column(d, d.replace("_", " ").capitalize()) for d in now.by)
    return Table((*heads, *COST_COLUMNS, *extra), last(rows), total)
