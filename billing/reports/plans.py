"""Plans: what an account costs against what it pays, and the price that would fix it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.conf import settings

from billing.margin import MarginReport
from billing.measures import FORMULAS
from billing.reports.plan.accounts import PlanAccount, costs_of, counted, paying
from billing.reports.plan.spread import percentiles, subsidy
from billing.reports.rows import (
    SPECIAL,
    ZERO,
    figures,
    last,
    left_out,
    loaded_columns,
    name,
    quoted,
)
from billing.reports.table import Column, Row, Table
from tknops.money import divide

_SPREAD = FORMULAS["percentile"]
COUNTS = (
    Column("trial", "Trial", "count", FORMULAS["not_paying"], adds=True),
    Column("free", "Free", "count", FORMULAS["not_paying"], adds=True),
)
SUBSIDY = Column("subsidy", "Subsidy", "percent", FORMULAS["subsidy"])


def columns(by_plan: MarginReport) -> tuple[Column, ...]:
    """Return the columns; the target margin is a setting and stands in the heading."""
    return (
        Column("name", "Plan"),
        Column("accounts", "Paying accounts", "count", adds=True),
        Column("per_account", "Revenue per account", "money", FORMULAS["per_account"]),
        Column("mean_cost", "Mean cost", "money", FORMULAS["mean_cost"]),
        Column("p50", "P50 cost", "money", _SPREAD),
        Column("p90", "P90 cost", "money", _SPREAD),
        Column("margin_pct", "AI margin %", "percent", FORMULAS["margin_pct"]),
        *loaded_columns(by_plan, "allocated_cost", "loaded_margin", "loaded_margin_pct"),
        Column("under_water", "% under water", "percent", FORMULAS["under_water"]),
        Column("loss", "Loss", "money", FORMULAS["loss"], adds=True),
        Column(
            "target",
            f"Price for {settings.TARGET_MARGIN_PCT} % margin",
            "money",
            FORMULAS["target"],
        ),
        SUBSIDY,
        *COUNTS,
    )


def plans(*, by_plan: MarginReport, accounts: Sequence[PlanAccount]) -> Table:
    """Build the table from a report by plan and the accounts of plans, worst margin first."""
    mine = by_plan_of(accounts)
    rows = [
        Row(
            {
                "key": row.key[0],
                "name": name(by_plan, "plan", row.key[0]),
                **figures(row),
                **spread_cells(mine.get(row.key[0], [])),
            },
            _place(row.key[0]),
            {
                "allocated_cost": "shared-cost",
                "accounts": "" if row.key[0] in SPECIAL else f"customers?plan={quoted(row.key[0])}",
            },
            stays_last=row.key[0] in SPECIAL,
        )
        for row in sorted(by_plan.rows, key=lambda r: (r.margin_pct is None, r.margin_pct or ZERO))
    ]
    total = {
        "name": "Total",
        **figures(by_plan.total),
        **spread_cells(accounts),
        "target": None,
    }
    return Table(
        columns(by_plan),
        last(rows),
        Row(total),
        caption="Plans",
        name="plans",
        sort="margin_pct",
        note=left_out(by_plan.total),
    )


def spreads(*, by_plan: MarginReport, accounts: Sequence[PlanAccount]) -> Table:
    """Build the percentiles of cost and of AI margin over the paying accounts of each plan."""
    rows = []
    for plan, mine in sorted(by_plan_of(accounts).items()):
        payers = paying(mine)
        if not payers:
            continue
        costs = percentiles(one.cost for one in payers)
        margins = percentiles(one.margin for one in payers)
        cells = {"plan": name(by_plan, "plan", plan), "accounts": len(payers), **costs}
        cells |= {f"margin_{key}": value for key, value in margins.items()}
        rows.append(Row(cells, _place(plan), stays_last=plan in SPECIAL))
    kinds = (("", "cost"), ("margin_", "AI margin"))
    return Table(
        (
            Column("plan", "Plan"),
            Column("accounts", "Paying accounts", "count"),
            *(
                Column(f"{prefix}p{percent}", f"P{percent} {label}", "money", _SPREAD)
                for prefix, label in kinds
                for percent in (10, 25, 50, 75, 90)
            ),
        ),
        last(rows),
        caption="Spread over paying accounts",
        name="spread",
    )


def by_plan_of(accounts: Sequence[PlanAccount]) -> Mapping[str, list[PlanAccount]]:
    """Sort accounts by their plan."""
    found: dict[str, list[PlanAccount]] = defaultdict(list)
    for one in accounts:
        found[one.plan].append(one)
    return found


def spread_cells(accounts: Sequence[PlanAccount]) -> dict[str, Any]:
    """Return what paying accounts pay, cost and lose; counts alone where none pays."""
    payers, counts = paying(accounts), counted(accounts)
    cells: dict[str, Any] = {"accounts": len(payers), "trial": counts["trial"]}
    cells["free"] = counts["free"]
    if not payers:
        return cells
    costs = costs_of(payers)
    carried = subsidy(one.margin for one in payers)
    mean = divide(sum(costs, ZERO), Decimal(len(costs)), 6)
    left = 1 - Decimal(settings.TARGET_MARGIN_PCT) / 100
    revenue = sum((one.revenue or ZERO for one in payers), ZERO)
    return cells | {
        "per_account": divide(revenue, Decimal(len(payers)), 6),
        "mean_cost": mean,
        **percentiles(costs),
        "under_water": divide(Decimal(carried.losing * 100), Decimal(len(costs)), 4),
        "loss": carried.loss,
        "subsidy": carried.pct,
        "target": None if mean is None else divide(mean, left, 6),
    }


def _place(plan: str) -> str:
    return "" if plan in SPECIAL else f"plan/{quoted(plan)}"
