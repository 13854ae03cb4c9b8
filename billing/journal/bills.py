"""Entries of provider bills: on the day a bill came, what was accrued becomes payable."""

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal

from django.conf import settings
from django.db.models import F, Q, Sum
from django.db.models.functions import Coalesce

from billing.journal.chart import Chart
from billing.journal.entry import Entry, credit, debit, in_minor_units, reference
from billing.models import Posting, ProviderInvoice
from billing.provider_bills import REPORTS
from billing.rates import Into
from tknops.calendar import Period, next_month

_ZERO = Decimal(0)


def bill_entries(period: Period, chart: Chart) -> Iterator[Entry]:
    """Yield an entry per bill imported in the period, in the reporting currency.

    Net of tax against the accrual, tax apart, together what is owed. What is then left on the
    accrual is what the bill and the tracked cost differ by: a true-up's part. A bill without a
    rate is posted in its own currency.
    """
    into = Into(settings.REPORTING_CURRENCY)
    for bill, came in _came(period):
        net, tax = _amounts(bill)
        currency, rate = _rate(bill, into)
        parts = in_minor_units([net * rate, tax * rate], currency)
        if not any(parts):
            continue
        provider, postings = bill.provider_code, (Posting.ACCRUED, Posting.INPUT_TAX)
        lines = [
            debit(chart.account(posting, provider), minor, provider)
            for posting, minor in zip(postings, parts, strict=True)
            if minor
        ]
        number = f", {bill.number}" if bill.number else ""
        yield Entry(
            reference=reference(period, "BILL", f"{provider}-{bill.pk}"),
            date=came,
            text=f"Bill of {provider} for {bill.month:%B %Y}{number}",
            currency=currency,
            lines=[*lines, credit(chart.account(Posting.PAYABLE, provider), sum(parts), provider)],
        )


def _came(period: Period) -> Iterator[tuple[ProviderInvoice, dt.date]]:
    """Read the bills in force that were imported on these days, each with its day."""
    zone = settings.REPORTING_ZONE
    start, end = (dt.datetime.combine(day, dt.time(), zone) for day in (period.start, period.end))
    bills = ProviderInvoice.objects.counting().filter(
        provider_import__applied_at__gte=start, provider_import__applied_at__lt=end
    )
    bills = bills.exclude(source__in=REPORTS).select_related("provider_import")
    for bill in bills.order_by("provider_code", "month", "pk"):
        if at := bill.provider_import.applied_at:
            yield bill, at.astimezone(zone).date()


def _amounts(bill: ProviderInvoice) -> tuple[Decimal, Decimal]:
    """Sum what a bill has net of tax, credits taken off, and its tax, to the total it states."""
    is_tax = Q(kind="TAX")
    sums = bill.lines.aggregate(
        net=Sum(Coalesce(F("billed_cost"), _ZERO) + F("credits"), filter=~is_tax),
        tax=Sum("tax"),
        tax_lines=Sum("billed_cost", filter=is_tax),
    )
    tax = (sums["tax"] or _ZERO) + (sums["tax_lines"] or _ZERO)
    if bill.total_stated is not None:
        return bill.total_stated - tax, tax
    return sums["net"] or _ZERO, tax


def _rate(bill: ProviderInvoice, into: Into) -> tuple[str, Decimal]:
    """Return the currency to post in and the rate to it: the bill's own, else of its last day."""
    if bill.currency == into.currency:
        return bill.currency, Decimal(1)
    if bill.rate is not None:
        return into.currency, bill.rate
    found = into.on(bill.currency, next_month(bill.month) - dt.timedelta(1))
    return (into.currency, found.rate) if found else (bill.currency, Decimal(1))
