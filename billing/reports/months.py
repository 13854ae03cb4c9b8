"""A report by customer × month summed to months: the chart needs no question of its own."""

from decimal import Decimal, localcontext

from billing.margin import MarginReport, MarginRow
from billing.reports.rows import ZERO
from tknops.money import EXACT, divide


def by_month(report: MarginReport) -> dict[str, MarginRow]:
    """Sum the figures of each month; the month is the report's last dimension."""
    together: dict[str, list[MarginRow]] = {}
    for row in report.rows:
        together.setdefault(row.key[-1], []).append(row)
    with localcontext(EXACT):
        return {month: _sum(month, rows) for month, rows in together.items()}


def _sum(month: str, rows: list[MarginRow]) -> MarginRow:
    costs = [row.cost for row in rows if row.cost is not None]
    revenues = [row.revenue for row in rows if row.revenue is not None]
    cost = sum(costs, ZERO) if costs else None
    served = [row.cost_of_revenue for row in rows if row.cost_of_revenue is not None]
    cost_of_revenue = sum(served, ZERO) if served else None
    revenue = sum(revenues, ZERO) if revenues else None
    left = None
    if revenue is not None and cost_of_revenue is not None:
        left = revenue - cost_of_revenue
    return MarginRow(
        key=(month,),
        events=sum(row.events for row in rows),
        cost=cost,
        cost_of_revenue=cost_of_revenue,
        revenue=revenue,
        margin=left,
        margin_pct=_percent(left, revenue),
        unpriced_events=sum(row.unpriced_events for row in rows),
    )


def _percent(left: Decimal | None, revenue: Decimal | None) -> Decimal | None:
    if left is None or revenue is None or revenue <= 0:
        return None
    return divide(left * 100, revenue, 4)
