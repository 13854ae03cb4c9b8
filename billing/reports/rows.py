"""Margin rows → table rows: the figures every table of figures shares."""

from decimal import Decimal
from typing import Any
from urllib.parse import quote

from billing.margin import MarginReport, MarginRow
from billing.measures import FORMULAS, NO_PLAN, NONE, NOT_ALLOCATED, NOT_SPLIT, UNATTRIBUTED
from billing.reports.table import Column, Row
from tknops.money import divide, minor_digits, round_half_up

SPECIAL = frozenset((UNATTRIBUTED, NO_PLAN, NOT_SPLIT, NONE, NOT_ALLOCATED))
ZERO = Decimal(0)
FIGURES = (
    Column("revenue", "Revenue", "money", FORMULAS["revenue"], adds=True),
    Column("cost_of_revenue", "Cost of revenue", "money", FORMULAS["cost_of_revenue"], adds=True),
    Column("margin", "AI margin", "money", FORMULAS["margin"], adds=True),
    Column("margin_pct", "AI margin %", "percent", FORMULAS["margin_pct"]),
)
_LOADED = (
    Column("allocated_cost", "Allocated cost", "money", FORMULAS["allocated_cost"], adds=True),
    Column(
        "fully_loaded_cost", "Fully loaded cost", "money", FORMULAS["fully_loaded_cost"], adds=True
    ),
    Column("loaded_margin", "Fully loaded margin", "money", FORMULAS["loaded_margin"], adds=True),
    Column("loaded_margin_pct", "Fully loaded margin %", "percent", FORMULAS["loaded_margin_pct"]),
)


def has_shared_cost(report: MarginReport) -> bool:
    """Whether a pool costs anything in the report."""
    return any(row.allocated_cost for row in report.rows)


def loaded_columns(report: MarginReport, *names: str) -> tuple[Column, ...]:
    """Return these columns of fully loaded figures; none where no cost is shared."""
    if not has_shared_cost(report):
        return ()
    return tuple(column for column in _LOADED if column.key in names)


def figures(row: MarginRow) -> dict[str, Any]:
    """Return the cells of a row's figures."""
    return {
        "events": row.events,
        "revenue": row.revenue,
        "cost": row.cost,
        "cost_of_revenue": row.cost_of_revenue,
        "margin": row.margin,
        "margin_pct": row.margin_pct,
        **{column.key: getattr(row, column.key) for column in _LOADED},
        "unpriced": row.unpriced_events or None,
        "basis": row.basis,
    }


def name(report: MarginReport, dimension: str, key: str) -> str:
    """Return the shown name of a key."""
    return report.labels.get(dimension, {}).get(key, key)


def change(now: MarginRow | None, before: MarginRow | None) -> Decimal | None:
    """Return the change of the AI margin % in points; None if either is unknown."""
    if now is None or before is None or now.margin_pct is None or before.margin_pct is None:
        return None
    return now.margin_pct - before.margin_pct


def difference(now: Decimal | None, before: Decimal | None) -> Decimal | None:
    """Return a change; None if either is unknown."""
    return None if now is None or before is None else now - before


def share(part: Decimal | None, whole: Decimal | None) -> Decimal | None:
    """Return what percentage of a whole a part is; None if either is unknown or the whole is 0."""
    return None if part is None or whole is None else divide(part * 100, whole, 4)


def quoted(key: str) -> str:
    """Make a key safe inside a link, whatever a sender put into it."""
    return quote(key, safe="")


def last(rows: list[Row]) -> list[Row]:
    """Put rows that are no customer, plan or feature at the end."""
    return sorted(rows, key=lambda row: row.stays_last)


def not_of_revenue(total: MarginRow) -> Decimal:
    """Return the AI cost that is no cost of revenue: operating expense and internal use."""
    if total.cost is None or total.cost_of_revenue is None:
        return ZERO
    return total.cost - total.cost_of_revenue


def left_out(total: MarginRow) -> str:
    """Say what a total leaves out for want of a price or a rate; '' if nothing."""
    said = []
    if total.unpriced_events:
        said.append(
            f"Left out, since no price is known: {total.unpriced_events:,} events, "
            f"{total.unpriced_tokens:,} tokens."
        )
    if total.unconverted:
        waiting = ", ".join(
            f"{round_half_up(amount, minor_digits(code)):,} {code}"
            for code, amount in sorted(total.unconverted.items())
        )
        said.append(f"Left out, since no rate is known: {waiting} of AI cost.")
    return " ".join(said)
