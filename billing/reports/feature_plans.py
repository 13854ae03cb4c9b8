"""Features by plan: what a call, an active user and an account of each plan cost."""

from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from billing.margin import MarginReport
from billing.measures import FORMULAS
from billing.reports.breakdown import CALLS, COST, PER_CALL
from billing.reports.features import Reach, reach
from billing.reports.plan.spread import percentile
from billing.reports.rows import SPECIAL, ZERO, name, quoted, share
from billing.reports.table import Column, Row, Table
from tknops.money import divide

_SPREAD = FORMULAS["percentile"]
_COLUMNS = (
    COST,
    Column("share", "Share of plan", "percent", "AI cost ÷ AI cost of the plan"),
    CALLS,
    PER_CALL,
    Column("users", "Active users", "count", FORMULAS["users"]),
    Column("per_user", "Cost per user", "money", FORMULAS["per_user"]),
    Column("accounts", "Accounts", "count", "customers with calls of known cost"),
    Column("per_account", "Cost per account", "money", "AI cost of customers ÷ accounts"),
    Column("p50", "P50 per account", "money", _SPREAD),
    Column("p90", "P90 per account", "money", _SPREAD),
)


@dataclass(slots=True)
class _Use:
    """What a plan's customers did with a feature; the costs of accounts that are known."""

    calls: int = 0
    cost: Decimal | None = None
    accounts: list[Decimal] = field(default_factory=list)

    def cells(self, reached: Reach | None) -> dict[str, Any]:
        known, per_call = sorted(self.accounts), None
        if self.cost is not None:
            per_call = divide(self.cost, Decimal(self.calls), 8)
        return {
            "cost": self.cost,
            "events": self.calls,
            "per_call": per_call,
            "users": len(reached.users) if reached else None,
            "per_user": reached.per_user if reached else None,
            "accounts": len(known),
            "per_account": divide(sum(known, ZERO), Decimal(len(known)), 6),
            "p50": percentile(known, 50),
            "p90": percentile(known, 90),
        }


def feature_plans(*, accounts: MarginReport, users: MarginReport) -> Table:
    """Build the table from reports by feature × plan × customer and feature × plan × end user.

    Cost is AI cost: a flat fee has no feature. What has no customer counts in the cost alone.
    """
    reached, used = reach(users, "feature", "plan"), _used(accounts)
    plans: dict[str, Decimal] = defaultdict(Decimal)
    for (_, plan), one in used.items():
        plans[plan] += one.cost or ZERO
    rows = [
        Row(
            {
                "feature": name(accounts, "feature", feature),
                "plan": name(accounts, "plan", plan),
                "share": share(one.cost, plans[plan]),
                **one.cells(reached.get((feature, plan))),
            },
            "" if feature in SPECIAL else f"features?feature={quoted(feature)}",
            {} if plan in SPECIAL else {"plan": f"plan/{quoted(plan)}"},
            stays_last=bool({feature, plan} & SPECIAL),
        )
        for (feature, plan), one in used.items()
    ]
    rows.sort(key=lambda row: (row.stays_last, -(row.cells["cost"] or ZERO), row.cells["feature"]))
    total = {"feature": "Total", "cost": accounts.total.cost, "events": accounts.total.events}
    return Table(
        (Column("feature", "Feature"), Column("plan", "Plan"), *_COLUMNS),
        rows,
        Row(total),
        caption="Features by plan",
        name="feature-plans",
    )


def _used(accounts: MarginReport) -> dict[tuple[str, str], _Use]:
    found: dict[tuple[str, str], _Use] = defaultdict(_Use)
    for row in accounts.rows:
        feature, plan, customer = row.key
        if not row.events:
            continue
        one = found[feature, plan]
        one.calls += row.events
        if row.cost is not None:
            one.cost = (one.cost or ZERO) + row.cost
            if customer not in SPECIAL:
                one.accounts.append(row.cost)
    return dict(found)
