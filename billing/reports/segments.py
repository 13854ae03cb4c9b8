"""Figures by a dimension people made: an attribute, the group of customers or a named tag."""

from collections import Counter
from typing import Any

from billing.margin import MarginReport
from billing.measures import FORMULAS, NOT_SPLIT
from billing.reports.rows import (
    FIGURES,
    SPECIAL,
    ZERO,
    change,
    figures,
    last,
    left_out,
    name,
    quoted,
    share,
)
from billing.reports.table import Column, Row, Table

_SHARE = Column("share", "Share of AI cost", "percent", FORMULAS["share"])
_CALLS = Column("events", "Calls", "count", FORMULAS["events"], adds=True)
_CUSTOMERS = Column("customers", "Customers", "count", "customers with usage or revenue")
_CHANGE = Column("change", "Δ", "points", FORMULAS["change"])


def segments(
    now: MarginReport,
    before: MarginReport,
    customers: MarginReport,
    *,
    label: str,
    has_revenue: bool,
    parameter: str,
) -> Table:
    """Build the table, dearest first; `customers` is by the dimension and customer."""
    earlier = {row.key: row for row in before.rows}
    counted = Counter(
        row.key[0] for row in customers.rows
        if row.key[1] not in SPECIAL and (row.events or row.revenue)
    )  # fmt: skip
    rows = []
    for row in sorted(now.rows, key=lambda row: (-(row.cost or ZERO), row.key)):
        (key,) = row.key
        cells: dict[str, Any] = {"segment": name(now, now.by[0], key), "key": key, **figures(row)}
        cells |= {"share": share(row.cost, now.total.cost), "customers": counted[key] or None}
        cells |= {"change": change(row, earlier.get(row.key))}
        page = "customers" if has_revenue else "features"
        link = "" if key == NOT_SPLIT else f"{page}?{parameter}={quoted(key)}"
        rows.append(Row(cells, link, stays_last=key in SPECIAL))
    measured = (*FIGURES, _CHANGE) if has_revenue else (*FIGURES[:2], _CALLS)
    total = {"segment": "Total", **figures(now.total), "change": change(now.total, before.total)}
    return Table(
        (Column("segment", label), _CUSTOMERS, *measured, _SHARE),
        last(rows),
        Row(total),
        caption=f"By {label.lower()}",
        name="segments",
        sort="-cost",
        note=left_out(now.total),
    )
