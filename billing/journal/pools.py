"""Entries of shared cost: what each pool costs in a month, but what is from usage or true-ups.

Unattributed usage shared out by a pool is AI cost already, and a true-up has its own entry.
"""

from collections.abc import Iterator

from django.db.models import Prefetch

from billing.journal.chart import Chart
from billing.journal.entry import Entry, credit, debit, last_day, reference
from billing.models import CostPool, CostPoolAmount, Posting
from billing.revenue.recognition import recognised
from tknops.calendar import Period
from usage.models import CostClass

_CLASSES = {
    CostClass.COGS: Posting.POOL_COST,
    CostClass.OPEX: Posting.POOL_OPEX,
    CostClass.INTERNAL: Posting.POOL_INTERNAL,
}
_OWN = (CostPoolAmount.Source.HAND, CostPoolAmount.Source.IMPORT)


def pool_entries(period: Period, chart: Chart) -> Iterator[Entry]:
    """Yield an entry per pool: its amounts straight-line over their days, in its own currency."""
    amounts = CostPoolAmount.objects.filter(
        source__in=_OWN, service_start__lt=period.end, service_end__gt=period.start
    )
    pools = CostPool.objects.prefetch_related(Prefetch("amounts", queryset=amounts))
    for pool in pools.order_by("name"):
        minor = sum(
            recognised(one.amount_minor, Period(one.service_start, one.service_end), period)
            for one in pool.amounts.all()
            if one.amount_minor is not None and one.service_end is not None
        )
        if not minor:
            continue
        posting = _CLASSES[CostClass(pool.cost_class)]
        yield Entry(
            reference=reference(period, "POOL", str(pool.pk)),
            date=last_day(period),
            text=f"Shared cost: {pool.name}",
            currency=pool.currency,
            lines=[
                debit(chart.account(posting), minor, pool.get_cost_class_display()),
                credit(chart.account(Posting.POOL_ACCRUED), minor, pool.vendor),
            ],
        )
