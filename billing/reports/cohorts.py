"""Cohorts: customers by the month of their first revenue or call, and what is left of each."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal, localcontext
from typing import Any

from billing.margin import MarginReport, MarginRow, combined
from billing.measures import FORMULAS
from billing.reports.plan.spread import percentile, subsidy
from billing.reports.rows import FIGURES, SPECIAL, ZERO, figures, loaded_columns
from billing.reports.table import Column, Row, Table
from tknops.money import EXACT, divide

FIRSTS = {"": "First revenue or call", "revenue": "First revenue", "usage": "First call"}
_SPREAD = FORMULAS["percentile"]


def cohorts_of(history: MarginReport, first: str = "") -> dict[str, str]:
    """Return each customer's cohort from a report by customer × month over all history.

    `first`: what counts as the first: revenue above 0, usage (a call), '' the earlier of both.
    """
    found: dict[str, str] = {}
    for row in history.rows:
        customer, month = row.key
        paid = row.revenue is not None and row.revenue > 0
        counts = {"revenue": paid, "usage": row.events > 0}.get(first, paid or row.events > 0)
        if counts and customer not in SPECIAL:
            found[customer] = min(found.get(customer, month), month)
    return found


def cohorts(now: MarginReport, cohort: Mapping[str, str]) -> Table:
    """Build a row per cohort from a report by customer, oldest first; all of them tie to it."""
    rows = [
        Row(
            {"cohort": key or "(none)", **figures(_whole(mine)), **_cells(mine)},
            stays_last=not key,
        )
        for key, mine in sorted(
            _grouped(now.rows, cohort).items(), key=lambda item: (not item[0], item[0])
        )
    ]
    columns = (
        Column("cohort", "Cohort", help=FORMULAS["cohort"]),
        Column("customers", "Customers", "count", "with revenue or cost in the period", adds=True),
        Column("paying", "Paying", "count", "customers with revenue in the period", adds=True),
        *FIGURES,
        *loaded_columns(now, "fully_loaded_cost", "loaded_margin", "loaded_margin_pct"),
        Column("mean_cost", "Mean cost", "money", FORMULAS["mean_cost"]),
        Column("p50", "P50 cost", "money", _SPREAD),
        Column("p90", "P90 cost", "money", _SPREAD),
        Column("under_water", "% under water", "percent", FORMULAS["under_water"]),
        Column("loss", "Loss", "money", FORMULAS["loss"], adds=True),
    )
    named = [row for row in now.rows if row.key[0] not in SPECIAL]
    total = {"cohort": "Total", **figures(now.total), **_cells(named)}
    return Table(columns, rows, Row(total), caption="Cohorts", name="cohorts", sort="cohort")


def cohort_months(history: MarginReport, cohort: Mapping[str, str], months: Sequence[str]) -> Table:
    """Build the AI margin % of each cohort in each month: does serving it get cheaper?"""
    cells: dict[str, dict[str, list[MarginRow]]] = defaultdict(lambda: defaultdict(list))
    for row in history.rows:
        if (key := cohort.get(row.key[0])) and row.key[1] in months:
            cells[key][row.key[1]].append(row)
    rows = [
        Row({"cohort": key, **{month: _margin_pct(of[month]) for month in of}})
        for key, of in sorted(cells.items())
    ]
    return Table(
        (
            Column("cohort", "Cohort", help=FORMULAS["cohort"]),
            *(Column(month, month, "percent", FORMULAS["margin_pct"]) for month in months),
        ),
        rows,
        caption="AI margin % of each cohort by month",
        name="by-month",
    )


def _margin_pct(rows: Sequence[MarginRow]) -> Decimal | None:
    """Return the AI margin %; none without any call, whose cost is not known to be 0."""
    whole = _whole(rows)
    return whole.margin_pct if whole.events else None


def _grouped(rows: Sequence[MarginRow], cohort: Mapping[str, str]) -> Mapping[str, list[MarginRow]]:
    found: dict[str, list[MarginRow]] = defaultdict(list)
    for row in rows:
        found[cohort.get(row.key[0], "")].append(row)
    return found


def _whole(rows: Sequence[MarginRow]) -> MarginRow:
    with localcontext(EXACT):
        return combined(rows, shared=True)


def _cells(rows: Sequence[MarginRow]) -> dict[str, Any]:
    named = [row for row in rows if row.key[0] not in SPECIAL]
    paying = [row for row in named if row.revenue and row.revenue > 0]
    cells: dict[str, Any] = {"customers": len(named), "paying": len(paying)}
    costs = sorted(row.cost_of_revenue for row in paying if row.cost_of_revenue is not None)
    if not costs:
        return cells
    carried = subsidy(row.margin for row in paying)
    return cells | {
        "mean_cost": divide(sum(costs, ZERO), Decimal(len(costs)), 6),
        "p50": percentile(costs, 50),
        "p90": percentile(costs, 90),
        "under_water": divide(Decimal(carried.losing * 100), Decimal(len(costs)), 4),
        "loss": carried.loss,
    }
