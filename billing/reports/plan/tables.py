"""The accounts of one plan as tables: each, those above an allowance, their spread."""

from collections.abc import Sequence
from decimal import Decimal

from billing.measures import FORMULAS
from billing.reports.plan.accounts import PAYING, PlanAccount, paying
from billing.reports.plan.spread import Bin
from billing.reports.rows import ZERO, quoted, share
from billing.reports.table import Column, Row, Table
from tknops.money import divide

_COST = {False: "Cost of revenue", True: "Fully loaded cost"}
_MARGIN = {False: "AI margin", True: "Fully loaded margin"}


def accounts_table(
    accounts: Sequence[PlanAccount], limit: Decimal | None, *, loaded: bool
) -> Table:
    """List the accounts, largest loss first; `limit` is the allowance they are held against."""
    help_of = "loaded_margin" if loaded else "margin"
    rows = [
        Row(
            {
                "name": one.name,
                "kind": one.kind,
                "revenue": one.revenue,
                "cost": one.cost,
                "margin": one.margin,
                "margin_pct": one.margin_pct,
                "state": _state(one),
                "tokens": one.tokens,
                "calls": one.calls,
                "over": _over(one, limit),
            },
            f"customer/{quoted(one.customer)}",
        )
        for one in sorted(accounts, key=lambda a: (a.margin is None, a.margin or ZERO, a.customer))
    ]
    return Table(
        (
            Column("name", "Customer"),
            Column("kind", "Account", help=FORMULAS["not_paying"]),
            Column("revenue", "Revenue", "money", FORMULAS["revenue"], adds=True),
            Column("cost", _COST[loaded], "money", FORMULAS[_key(loaded=loaded)], adds=True),
            Column("margin", _MARGIN[loaded], "money", FORMULAS[help_of], adds=True),
            Column("margin_pct", f"{_MARGIN[loaded]} %", "percent", FORMULAS[f"{help_of}_pct"]),
            Column("state", "Under water", "badge"),
            Column("over", "Above allowance", "money", FORMULAS["overconsumption"], adds=True),
            Column("calls", "Calls", "count", FORMULAS["events"], adds=True),
            Column("tokens", "Priced tokens", "tokens", adds=True),
        ),
        rows,
        Row(_sums(rows)),
        caption="Accounts",
        name="accounts",
        sort="margin",
    )


def _key(*, loaded: bool) -> str:
    return "fully_loaded_cost" if loaded else "cost_of_revenue"


def _state(one: PlanAccount) -> str:
    lost = one.kind == PAYING and one.margin is not None and one.margin < 0
    return "under water" if lost else ""


def _over(one: PlanAccount, limit: Decimal | None) -> Decimal | None:
    if limit is None or one.cost is None or one.kind != PAYING:
        return None
    return max(one.cost - limit, ZERO)


def _sums(rows: Sequence[Row]) -> dict[str, object]:
    cells: dict[str, object] = {"name": "Total"}
    for key in ("revenue", "cost", "margin", "over", "calls", "tokens"):
        values = [value for row in rows if (value := row.cells[key]) is not None]
        cells[key] = sum(values, ZERO if key not in {"calls", "tokens"} else 0) if values else None
    revenue, margin = cells["revenue"], cells["margin"]
    if isinstance(revenue, Decimal) and isinstance(margin, Decimal) and revenue > 0:
        cells["margin_pct"] = divide(margin * 100, revenue, 4)
    return cells


def over_table(accounts: Sequence[PlanAccount], limit: Decimal) -> Table:
    """List the paying accounts above an allowance, furthest first, and what that costs."""
    above = [(one, one.cost - limit) for one in paying(accounts) if one.cost and one.cost > limit]
    whole = sum((over for _, over in above), ZERO)
    rows = [
        Row(
            {
                "name": one.name,
                "cost": one.cost,
                "over": over,
                "share": share(over, whole),
                "revenue": one.revenue,
                "margin": one.margin,
                "capped": None if one.margin is None else one.margin + over,
            },
            f"customer/{quoted(one.customer)}",
        )
        for one, over in sorted(above, key=lambda pair: (-pair[1], pair[0].customer))
    ]
    total = {"name": "Total", "over": whole}
    for key in ("cost", "revenue", "margin", "capped"):
        total[key] = sum((row.cells[key] or ZERO for row in rows), ZERO)
    return Table(
        (
            Column("name", "Customer"),
            Column("cost", "Cost", "money", adds=True),
            Column("over", "Above allowance", "money", FORMULAS["overconsumption"], adds=True),
            Column("share", "Share", "percent"),
            Column("revenue", "Revenue", "money", adds=True),
            Column("margin", "Margin", "money", adds=True),
            Column("capped", "Margin if held to it", "money", "margin + cost above it", adds=True),
        ),
        rows,
        Row(total) if rows else None,
        caption="Accounts above the allowance",
        name="over",
    )


def histogram_table(bins: Sequence[Bin], accounts: int) -> Table:
    """List the bins of the histogram; the last has no upper end."""
    rows = [
        Row(
            {
                "low": one.low,
                "high": one.high,
                "count": one.count,
                "share": share(Decimal(one.count), Decimal(accounts)),
            }
        )
        for one in bins
    ]
    return Table(
        (
            Column("low", "Cost from", "money"),
            Column("high", "To under", "money"),
            Column("count", "Paying accounts", "count", adds=True),
            Column("share", "Share", "percent"),
        ),
        rows,
        Row({"low": "Total", "count": sum(one.count for one in bins)}),
        caption="Spread of cost over accounts",
        name="histogram",
    )
