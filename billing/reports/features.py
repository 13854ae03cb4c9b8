"""The features table: cost per call and per active user."""

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from billing.margin import MarginReport, MarginRow
from billing.measures import FORMULAS, NONE
from billing.reports.breakdown import CALLS, CHANGE, COST, PER_CALL, SHARE, cost_table
from billing.reports.rows import SPECIAL, ZERO, loaded_columns, quoted
from billing.reports.table import Column, Table
from tknops.money import divide

_COLUMNS = (
    COST,
    SHARE,
    CALLS,
    PER_CALL,
    Column("users", "Active users", "count", FORMULAS["users"]),
    Column("per_user", "Cost per user", "money", FORMULAS["per_user"]),
    CHANGE,
)


@dataclass(slots=True)
class Reach:
    """Who used something and what their calls cost; None while no price is known of any."""

    users: set[str]
    cost: Decimal | None = None

    @property
    def per_user(self) -> Decimal | None:
        """Cost per active user."""
        return None if self.cost is None else divide(self.cost, Decimal(len(self.users)), 6)


def reach(users: MarginReport, *dimensions: str) -> dict[tuple[str, ...], Reach]:
    """Count active users by some dimensions of a report that is also by end user."""
    places = [users.by.index(name) for name in dimensions]
    person = users.by.index("end_user")
    found: dict[tuple[str, ...], Reach] = defaultdict(lambda: Reach(set()))
    for row in users.rows:
        if row.events and row.key[person] != NONE:
            one = found[tuple(row.key[place] for place in places)]
            one.users.add(row.key[person])
            if row.cost is not None:
                one.cost = (one.cost or ZERO) + row.cost
    return dict(found)


def features(*, now: MarginReport, before: MarginReport, users: MarginReport) -> Table:
    """Build the table from reports by feature and by feature × plan × end user."""
    reached = reach(users, "feature")
    everyone = reach(users)

    def extra(row: MarginRow) -> dict[str, Any]:
        found = reached.get(row.key) if row.key else everyone.get(())
        return {"users": len(found.users), "per_user": found.per_user} if found else {}

    return cost_table(
        now,
        before,
        caption="Features",
        columns=(*_COLUMNS, *loaded_columns(now, "allocated_cost", "fully_loaded_cost")),
        extra=extra,
        link=lambda row: "" if row.key[0] in SPECIAL else f"features?feature={quoted(row.key[0])}",
    )
