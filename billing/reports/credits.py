"""Credits and refunds recognised in a period, by customer."""

from collections import defaultdict
from decimal import Decimal

from django.conf import settings

from billing.measures import UNATTRIBUTED
from billing.models import InvoiceLine
from billing.revenue.recognition import recognised
from billing.revenue.slices import COUNTING
from tknops.calendar import Period
from tknops.money import minor_digits


def credited(period: Period) -> dict[str, Decimal]:
    """Sum credit and refund lines as revenue recognises them; uses index billing_line_service."""
    currency = settings.REPORTING_CURRENCY
    lines = InvoiceLine.objects.filter(
        kind__in=["CREDIT", "REFUND"],
        service_start__lt=period.end,
        service_end__gt=period.start,
        invoice__status__in=COUNTING,
        invoice__currency=currency,
    ).values_list(
        "invoice__billing_customer__customer__external_id",
        "amount_minor",
        "service_start",
        "service_end",
    )
    found: dict[str, Decimal] = defaultdict(Decimal)
    for customer, amount, start, end in lines:
        minor = recognised(amount, Period(start, end), period)
        found[customer or UNATTRIBUTED] += Decimal(minor).scaleb(-minor_digits(currency))
    return dict(found)
