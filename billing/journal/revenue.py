"""Entries of revenue, in each currency, from the roll-forward of deferred revenue.

The only place of the journal that reads revenue: the month of the roll-forward, and what is earned
without an invoice.
"""

from collections.abc import Iterator

from billing.journal.chart import Chart
from billing.journal.entry import Entry, credit, debit, last_day, reference
from billing.margin import deferred, estimated
from billing.models import Posting
from tknops.calendar import Period

# What a month of the roll-forward has, its text, and the accounts it moves from and to.
_MOVES = (
    ("invoiced", "INVOICED", "Invoiced, net of tax", Posting.RECEIVABLE, Posting.DEFERRED),
    ("recognised", "RECOGNISED", "Recognised of invoices", Posting.DEFERRED, Posting.REVENUE),
    ("bad_debt", "BAD-DEBT", "Uncollectible, never revenue", Posting.DEFERRED, Posting.RECEIVABLE),
    ("contra", "CONTRA", "Refunds and disputes", Posting.RECEIVABLE, Posting.REVENUE),
)


def revenue_entries(period: Period, chart: Chart) -> Iterator[Entry]:
    """Yield what invoices defer and what leaves it, and what was earned without an invoice."""
    rolled = deferred(period)
    for currency in sorted({code for code, _ in rolled.by_key}):
        (month,) = rolled.total(currency)
        for name, kind, text, debited, credited in _MOVES:
            sides = (chart, debited, credited)
            yield from _entry(period, kind, currency, getattr(month, name), text, sides)
    for currency, minor in sorted(estimated(period).items()):
        sides = (chart, Posting.UNBILLED, Posting.REVENUE)
        text = "Earned without an invoice, an estimate until there is one"
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
