"""Cost of free and trial usage: a dated join of cost with the terms customers were on."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from billing.margin import margin
from billing.reports.rows import ZERO
from billing.revenue import FREE, TRIAL
from tknops.calendar import Period


def free_cost(period: Period, filters: Mapping[str, Sequence[str]]) -> Decimal | None:
    """Return the cost of revenue on days without a paid plan; None if it has no price at all.

    A period without any usage has no such cost to know.
    """
    report = margin(by=["terms"], period=period, filters=filters)
    if not report.total.events:
        return None
    rows = [row for row in report.rows if row.key[0] in {FREE, TRIAL} and row.events]
    known = [row.cost_of_revenue for row in rows if row.cost_of_revenue is not None]
    return None if rows and not known else sum(known, ZERO)
