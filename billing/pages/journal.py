"""The journal of a month: a look at its entries, and the same rows as a file."""

from django.http import HttpRequest, HttpResponse

from billing.journal import journal
from billing.margin import margin
from billing.pages.access import page
from billing.pages.period import picked
from billing.pages.render import respond
from billing.pages.strip import strip
from billing.reports.journal import balances, journal_table
from billing.reports.rows import left_out
from tknops.calendar import Period, next_month

_RUNNING = "The month is running: its entries change until it is over."
_EXPLAINED = [
    (
        "AI cost",
        "exact cost of the month's reporting days by provider and cost class, rounded once",
    ),
    (
        "Rounding",
        "R(k) − R(k−1) of the running sum, so the lines of an entry sum to its rounded sum",
    ),
    (
        "Shared cost",
        "amounts of pools straight-line over their days; from usage or true-ups they are above",
    ),
    (
        "Provider bills",
        "posted on the day they were imported: net of tax, what was accrued becomes payable",
    ),
    ("Revenue", "the month of the roll-forward on Deferred revenue, entry by entry"),
    ("Unbilled", "revenue by contract or accrued from usage, an estimate until it is invoiced"),
]


@page()
def journal_page(request: HttpRequest) -> HttpResponse:
    """Show the entries of a month; every entry balances."""
    month = picked(request)
    whole = Period(month.period.start, next_month(month.period.start))
    found = journal(whole)
    return respond(
        request,
        "journal",
        title="Journal",
        table=journal_table(found),
        month=month,
        strip=strip(margin(by=["customer"], period=whole)),
        stands_alone="By reporting day; each entry in its own currency.",
        note=_RUNNING if month.running else "",
        left_out=left_out(found.used),
        balances=balances(found),
        explained=_EXPLAINED,
    )
