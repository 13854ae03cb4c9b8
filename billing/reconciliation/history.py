"""Billed and tracked cost by provider over months, for charts: totals only."""

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal, localcontext

from django.db.models import DecimalField, F, Q, Sum, Value
from django.db.models.functions import Coalesce

from billing.margin import snapshot
from billing.models import ProviderInvoice
from billing.provider_bills import REPORTS
from billing.reconciliation.parts import ZERO
from billing.reconciliation.rates import Rates
from billing.reconciliation.tracked import tracked_by_month
from tknops.calendar import next_month
from tknops.money import EXACT

_MONEY = DecimalField(max_digits=50, decimal_places=18)
Months = dict[tuple[str, dt.date], Decimal]


def history(months: Sequence[dt.date]) -> tuple[Months, Months]:
    """Return billed cost of usage, and tracked cost, by provider and UTC month."""
    with snapshot(), localcontext(EXACT):
        return _billed(months), tracked_by_month(months)


def _billed(months: Sequence[dt.date]) -> Months:
    """Sum usage lines in the database; a bill without a rate is left out."""
    found: Months = defaultdict(lambda: ZERO)
    same = Q(lines__day__year=F("month__year"), lines__day__month=F("month__month"))
    of_month = Q(lines__day=None) | same
    invoices = ProviderInvoice.objects.counting().filter(month__in=months)
    sums = invoices.exclude(source__in=REPORTS).annotate(
        cost=Coalesce(
            Sum("lines__billed_cost", filter=Q(lines__kind="USAGE") & of_month),
            Value(ZERO),
            output_field=_MONEY,
        )
    )
    rates = Rates()
    for invoice in sums:
        last = next_month(invoice.month) - dt.timedelta(days=1)
        if rate := rates.of(invoice.currency, invoice.rate, last):
            found[invoice.provider_code, invoice.month] += invoice.cost * rate[1]  # type: ignore[attr-defined]
    return dict(found)
