"""Plans: what an account costs against what it pays, and the price that would fix it."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.conf import settings

from billing.margin import MarginReport, MarginRow
from billing.measures import FORMULAS
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

_PERCENTILES = (10, 50, 90)


def columns(by_plan: MarginReport) -> tuple[Column, ...]:
    """Return the columns; the target margin is a setting and stands in the heading."""
    spread = FORMULAS["percentile"]
    return (
        Column("name", "Plan"),
        Column("accounts", "Paying accounts", "count", adds=True),
        Column("per_account", "Revenue per account", "money", FORMULAS["per_account"]),
        Column("mean_cost", "Mean cost", "money", FORMULAS["mean_cost"]),
        Column("p50", "P50 cost", "money", spread),
        Column("p90", "P90 cost", "money", spread),
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
    )


def plans(*, by_plan: MarginReport, by_account: MarginReport) -> Table:
    """Build the table from reports by plan and by plan × customer, worst margin first."""
    accounts = paying(by_account)
    rows = [
        Row(
            {
                "key": row.key[0],
                "name": name(by_plan, "plan", row.key[0]),
                **figures(row),
                **_spread(accounts.get(row.key[0], [])),
            },
            "" if row.key[0] in SPECIAL else f"customers?plan={quoted(row.key[0])}",
            {"allocated_cost": "shared-cost"},
            stays_last=row.key[0] in SPECIAL,
        )
        for row in sorted(by_plan.rows, key=lambda r: (r.margin_pct is None, r.margin_pct or ZERO))
    ]
    everyone = [row for together in accounts.values() for row in together]
    total = {"name": "Total", **figures(by_plan.total), **_spread(everyone), "target": None}
    return Table(
        columns(by_plan),
        last(rows),
        Row(total),
        caption="Plans",
        name="plans",
        sort="margin_pct",
        note=left_out(by_plan.total),
    )


def paying(by_account: MarginReport) -> Mapping[str, list[MarginRow]]:
    """Return the accounts with revenue of each plan."""
    accounts: dict[str, list[MarginRow]] = {}
    for row in by_account.rows:
        if row.key[1] not in SPECIAL and row.revenue and row.revenue > 0:
            accounts.setdefault(row.key[0], []).append(row)
    return accounts


def _spread(accounts: list[MarginRow]) -> dict[str, Any]:
    if not accounts:
        return {"accounts": 0}
    count = Decimal(len(accounts))
    # An account without any price has no cost: to count it as free would lower the target price.
    served = (row.cost_of_revenue for row in accounts)
    costs = sorted(cost for cost in served if cost is not None)
    losses = [-row.margin for row in accounts if row.margin is not None and row.margin < 0]
    mean = divide(sum(costs, ZERO), Decimal(len(costs)), 6)
    left = 1 - Decimal(settings.TARGET_MARGIN_PCT) / 100
    return {
        "accounts": len(accounts),
        "per_account": divide(sum((r.revenue or ZERO for r in accounts), ZERO), count, 6),
        "mean_cost": mean,
        **{f"p{percent}": percentile(costs, percent) for percent in _PERCENTILES},
        "under_water": divide(Decimal(len(losses) * 100), Decimal(len(costs)), 4),
        "loss": sum(losses, ZERO),
        "target": None if mean is None else divide(mean, left, 6),
    }


def percentile(ordered: list[Decimal], percent: int) -> Decimal | None:
    """Return the nearest-rank percentile of values in ascending order; None of no value."""
    if not ordered:
        return None
    rank = -(-len(ordered) * percent // 100)
    return ordered[max(rank, 1) - 1]
