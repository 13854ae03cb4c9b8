"""What-if: the account-months of the margin, and the effect as tables by month and by account."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from billing.margin import MarginReport
from billing.reports.plan.whatif import AccountMonth, Effect
from billing.reports.rows import SPECIAL, ZERO, name, quoted
from billing.reports.table import Column, Row, Table
from tknops.money import divide

_COLUMNS = (
    Column("revenue_before", "Revenue", "money", "recognised, as it was", adds=True),
    Column("revenue", "Revenue, what-if", "money", "revenue × new price ÷ price", adds=True),
    Column("cost_before", "Cost of revenue", "money", "as it was", adds=True),
    Column(
        "cost", "Cost, what-if", "money", "what is served, at the other provider price", adds=True
    ),
    Column("margin_before", "AI margin", "money", "revenue − cost of revenue", adds=True),
    Column("margin", "AI margin, what-if", "money", "revenue − cost, both what-if", adds=True),
    Column("change", "Δ AI margin", "signed_money", "what-if − as it was", adds=True),
    Column("pct_before", "AI margin %", "percent"),
    Column("pct", "AI margin %, what-if", "percent"),
)


@dataclass(frozen=True, slots=True)
class Summed:
    """Effects put together; None where nothing of it is known."""

    revenue_before: Decimal | None
    revenue: Decimal | None
    cost_before: Decimal | None
    cost: Decimal | None
    margin_before: Decimal | None
    margin: Decimal | None

    @property
    def cells(self) -> dict[str, Any]:
        """Return the cells of a row."""
        known = self.margin is not None and self.margin_before is not None
        return {
            "revenue_before": self.revenue_before,
            "revenue": self.revenue,
            "cost_before": self.cost_before,
            "cost": self.cost,
            "margin_before": self.margin_before,
            "margin": self.margin,
            "change": (self.margin or ZERO) - (self.margin_before or ZERO) if known else None,
            "pct_before": _pct(self.margin_before, self.revenue_before),
            "pct": _pct(self.margin, self.revenue),
        }


def account_months(report: MarginReport, touched: MarginReport | None) -> list[AccountMonth]:
    """Read the account-months of a report by plan × customer × month.

    `touched` is the same question about the model whose price changes; None: all of the cost.
    """
    of_model = {row.key: row.cost_of_revenue for row in touched.rows} if touched else {}
    return [
        AccountMonth(
            plan=row.key[0],
            customer=row.key[1],
            name=name(report, "customer", row.key[1]),
            month=row.key[2],
            revenue=row.revenue,
            cost=row.cost_of_revenue,
            touched=of_model.get(row.key, ZERO) if touched else row.cost_of_revenue,
        )
        for row in report.rows
    ]


def summed(effects: Sequence[Effect]) -> Summed:
    """Put effects together; what is unknown in a row is left out of its sum."""
    margins = [(one.margin_before, one.margin) for one in effects]
    return Summed(
        _sum([one.was.revenue for one in effects]),
        _sum([one.revenue for one in effects]),
        _sum([one.was.cost for one in effects]),
        _sum([one.cost for one in effects]),
        _sum([before for before, _ in margins]),
        _sum([after for _, after in margins]),
    )


def months_table(effects: Sequence[Effect]) -> Table:
    """Build a row per month."""
    rows = [
        Row({"month": month, **summed(some).cells})
        for month, some in sorted(_grouped(effects, lambda one: one.was.month).items())
    ]
    return Table(
        (Column("month", "Month"), *_COLUMNS),
        rows,
        Row({"month": "Total", **summed(effects).cells}),
        caption="Effect by month",
        name="months",
    )


def customers_table(effects: Sequence[Effect], plans: Mapping[str, str]) -> Table:
    """Build a row per customer and plan over all months, the largest gain first.

    `plans` names the plans by their codes.
    """
    rows = []
    for (plan, customer), some in _grouped(effects, lambda one: one.was.plan_key).items():
        cells = {"name": some[0].was.name, "plan": plans.get(plan, plan), **summed(some).cells}
        special = customer in SPECIAL
        link = "" if special else f"customer/{quoted(customer)}"
        rows.append(Row(cells, link, stays_last=special))
    rows.sort(key=lambda row: (row.stays_last, -(row.cells["change"] or ZERO)))
    return Table(
        (Column("name", "Customer"), Column("plan", "Plan"), *_COLUMNS),
        rows,
        Row({"name": "Total", **summed(effects).cells}),
        caption="Effect by customer",
        name="customers",
        sort="-change",
    )


def under_water(effects: Sequence[Effect]) -> tuple[int, int]:
    """Count the paying customers under water over the whole time, as it was and what-if."""
    paying = [
        summed(some)
        for (_, customer), some in _grouped(effects, lambda one: one.was.plan_key).items()
        if customer not in SPECIAL and any(one.was.pays for one in some)
    ]
    before = sum(one.margin_before is not None and one.margin_before < 0 for one in paying)
    return before, sum(one.margin is not None and one.margin < 0 for one in paying)


def _grouped(effects: Sequence[Effect], key: Callable[[Effect], Any]) -> dict[Any, list[Effect]]:
    found: dict[Any, list[Effect]] = defaultdict(list)
    for one in effects:
        found[key(one)].append(one)
    return found


def _sum(values: Sequence[Decimal | None]) -> Decimal | None:
    known = [value for value in values if value is not None]
    return sum(known, ZERO) if known else None


def _pct(margin: Decimal | None, revenue: Decimal | None) -> Decimal | None:
    known = margin is not None and revenue is not None and revenue > 0
    return divide(margin * 100, revenue, 4) if known else None  # type: ignore[operator,arg-type]
