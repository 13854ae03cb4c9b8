"""Entries of revenue: what was invoiced, and what was recognised of it, in each currency.

The only place of the journal that reads revenue: invoice lines by their invoice's date, and the
slices of a month.
"""

from collections import defaultdict
from collections.abc import Iterator

from django.db.models import Sum

from billing.journal.chart import Chart
from billing.journal.entry import Entry, credit, debit, last_day, reference
from billing.models import Invoice, InvoiceLine, Posting
from billing.revenue import revenue_slices
from tknops.calendar import Period

_COUNTING = (Invoice.Status.OPEN, Invoice.Status.PAID)
_INVOICED = "invoiced"


def invoiced(period: Period) -> dict[str, int]:
    """Sum the lines of invoices dated in the period, in minor units by currency."""
    lines = InvoiceLine.objects.filter(
        invoice__status__in=_COUNTING,
        invoice__invoice_date__gte=period.start,
        invoice__invoice_date__lt=period.end,
    )
    sums = lines.values("invoice__currency").annotate(minor=Sum("amount_minor"))
    return {row["invoice__currency"]: int(row["minor"]) for row in sums}


def recognised(period: Period) -> dict[tuple[str, bool], int]:
    """Sum what is recognised in the period, by currency and whether it rests on invoices."""
    found: dict[tuple[str, bool], int] = defaultdict(int)
    for piece in revenue_slices([period]):
        found[piece.currency, piece.basis == _INVOICED] += piece.amount_minor
    return dict(found)


def revenue_entries(period: Period, chart: Chart) -> Iterator[Entry]:
    """Yield what invoices defer, what is earned of it, and what was earned without an invoice."""
    for currency, minor in sorted(invoiced(period).items()):
        yield from _entry(period, "INVOICED", currency, minor, "Invoiced, net of tax",
                          (chart, Posting.RECEIVABLE, Posting.DEFERRED))  # fmt: skip
    for (currency, on_invoices), minor in sorted(recognised(period).items()):
        if on_invoices:
            yield from _entry(period, "RECOGNISED", currency, minor, "Recognised of invoices",
                              (chart, Posting.DEFERRED, Posting.REVENUE))  # fmt: skip
        else:
            sides = (chart, Posting.UNBILLED, Posting.REVENUE)
            text = "Recognised by contract, an estimate until it is invoiced"
            yield from _entry(period, "UNBILLED", currency, minor, text, sides, estimate=True)


def _entry(
    period: Period, kind: str, currency: str, minor: int, text: str,
    sides: tuple[Chart, Posting, Posting], *, estimate: bool = False,
) -> Iterator[Entry]:  # fmt: skip
    if not minor:
        return
    chart, debited, credited = sides
    yield Entry(
        reference=reference(period, kind, currency),
        date=last_day(period),
        text=text,
        currency=currency,
        lines=[debit(chart.account(debited), minor), credit(chart.account(credited), minor)],
        estimate=estimate,
    )
