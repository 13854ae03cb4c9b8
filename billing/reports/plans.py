"""Plans: what an account costs against what it pays, and the price that would fix it."""

from decimal import Decimal

from billing.margin import MarginReport, MarginRow
from billing.measures import NO_PLAN
from billing.reports.rows import FIGURES, SPECIAL, figures, last, name
from billing.reports.table import Column, Row, Table
from tknops.money import divide

TARGET_MARGIN = Decimal("0.60")
COLUMNS = (
    Column("name", "Plan"),
    Column("accounts", "Paying accounts", "count"),
    Column("per_account", "Revenue per account", "money"),
    Column("mean_cost", "Mean cost", "money"),
    Column("p50", "P50 cost", "money"),
    Column("p90", "P90 cost", "money"),
    *FIGURES,
    Column("under_water", "Under water", "percent"),
    Column("loss", "Loss", "money"),
    Column("target", "Price for 60 % margin", "money"),
)


def plans(*, by_plan: MarginReport, by_account: MarginReport) -> Table:
    """Build the table from reports by plan and by plan × customer.

    Target price for margin m = mean cost per account ÷ (1 − m).
    """
    accounts: dict[str, list[MarginRow]] = {}
    for row in by_account.rows:
        if row.key[1] not in SPECIAL and row.revenue and row.revenue > 0:
            accounts.setdefault(row.key[0], []).append(row)
    rows = [
        Row({
            "key": row.key[0],
            "name": name(by_plan, "plan", row.key[0]),
            **figures(row),
            **_spread(accounts.get(row.key[0], [])),
        }, "" if row.key[0] == NO_PLAN else f"customers?plan={row.key[0]}")
        for row in sorted(by_plan.rows, key=lambda r: r.margin or Decimal(0))
    ]  # fmt: skip
    return Table(COLUMNS, last(rows), Row({"name": "Total", **figures(by_plan.total)}))


def _spread(accounts: list[MarginRow]) -> dict[str, Decimal | int | None]:
    if not accounts:
        return {"accounts": 0}
    count = Decimal(len(accounts))
    costs = sorted(row.cost or Decimal(0) for row in accounts)
    losses = [-row.margin for row in accounts if row.margin is not None and row.margin < 0]
    mean = divide(sum(costs, Decimal(0)), count, 6) or Decimal(0)
    return {
        "accounts": len(accounts),
        "per_account": divide(
            sum((r.revenue or Decimal(0) for r in accounts), Decimal(0)), count, 6
        ),
        "mean_cost": mean,
        "p50": percentile(costs, 50),
        "p90": percentile(costs, 90),
        "under_water": divide(Decimal(len(losses) * 100), count, 4),
        "loss": sum(losses, Decimal(0)),
        "target": divide(mean, 1 - TARGET_MARGIN, 6),
    }


def percentile(ordered: list[Decimal], percent: int) -> Decimal:
    """Return the nearest-rank percentile of values in ascending order."""
    rank = -(-len(ordered) * percent // 100)
    return ordered[max(rank, 1) - 1]
