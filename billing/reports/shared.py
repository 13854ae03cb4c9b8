"""Unattributed cost: how much of it there is, and the margin with it shared by direct cost."""

from decimal import Decimal, localcontext

from billing.margin import MarginReport
from billing.margin.figures import COST_DECIMALS
from billing.measures import UNATTRIBUTED
from billing.reports.rows import ZERO
from tknops.money import EXACT, allocate, divide

SHARED_BELOW = Decimal(95)


def attributed_pct(by_customer: MarginReport) -> Decimal | None:
    """Return the share of cost that has a customer, in percent."""
    cost = by_customer.total.cost
    if not cost:
        return None
    return divide((cost - unattributed(by_customer)) * 100, cost, 4)


def unattributed(report: MarginReport) -> Decimal:
    """Return the cost without a customer, or what else the report's first dimension is."""
    return sum((r.cost or ZERO for r in report.rows if r.key[0] == UNATTRIBUTED), ZERO)


def unattributed_of_revenue(by_customer: MarginReport) -> Decimal:
    """Return the cost of revenue without a customer."""
    rows = [row for row in by_customer.rows if row.key[0] == UNATTRIBUTED]
    return sum((row.cost_of_revenue or ZERO for row in rows), ZERO)


def loaded_margins(by_customer: MarginReport) -> dict[str, Decimal]:
    """Share the unattributed cost by direct cost, exactly, and take it off each margin."""
    known = [
        row
        for row in by_customer.rows
        if row.key[0] != UNATTRIBUTED and row.cost_of_revenue is not None and row.margin is not None
    ]
    with localcontext(EXACT):
        weights = [int((row.cost_of_revenue or ZERO).scaleb(COST_DECIMALS)) for row in known]
        if not any(weights):
            return {}
        parts = allocate(int(unattributed_of_revenue(by_customer).scaleb(COST_DECIMALS)), weights)
        return {
            row.key[0]: (row.margin or ZERO) - Decimal(part).scaleb(-COST_DECIMALS)
            for row, part in zip(known, parts, strict=True)
        }
