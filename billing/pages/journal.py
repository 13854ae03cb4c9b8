"""The journal of a month: a look at its entries, and the same rows as a file."""

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from billing.closing import in_force, left_open
from billing.journal import Journal, journal
from billing.margin import margin
from billing.pages.access import page
from billing.pages.closed_note import span
from billing.pages.period import picked
from billing.pages.render import respond
from billing.pages.strip import Part, strip
from billing.reports.journal import balances, journal_table
from tknops.calendar import Period, next_month

_CORRECTED = """entries as frozen at the close; what changed since is corrected in the first open
month: what the entry would say now less what was posted, on the accounts it was posted to"""
_RUNNING = "The month is running: its entries change until it is over."
_UNFROZEN = (
    "Closed by a version that froze no journal: AI cost is frozen, the other entries are read as "
    "of now and can differ from what was posted; open the month again and close it to freeze them"
)
_OPEN = "before the first closed month: open, so that later records still change it"
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
    ("Closed months", _CORRECTED),
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
        table=journal_table(found.entries),
        month=month,
        strip=[*strip(margin(by=["customer"], period=whole)), *_standing(found)],
        stands_alone="By reporting day; each entry in its own currency.",
        note=_RUNNING if month.running else "",
        balances=balances(found.entries),
        explained=_EXPLAINED,
    )


def _standing(found: Journal) -> list[Part]:
    """Say whether the entries are frozen, correct closed months, or can still change."""
    close = found.close
    if close and found.frozen:
        first_open = next_month(in_force()[-1].month)
        return [
            Part(
                f"Frozen with revision {close.revision}, manifest {close.sha256[:12]}…",
                f"closing/{close.month:%Y-%m}/report",
            ),
            Part(
                f"changes since are corrected in {first_open:%B %Y}",
                f"journal?month={first_open:%Y-%m}",
            ),
        ]
    if close:
        return [Part(_UNFROZEN, f"closing/{close.month:%Y-%m}", warns=True)]
    parts = []
    if corrected := sorted({one.month for one in found.entries if one.corrects}):
        count = sum(1 for one in found.entries if one.corrects)
        parts.append(
            Part(f"{count:,} entries correct earlier months: {', '.join(corrected)}", "adjustments")
        )
    if found.unfrozen:
        text = f"{span(found.unfrozen)} closed without a journal: only AI cost is corrected"
        parts.append(Part(text, "closing", warns=True))
    if found.period.start in left_open(timezone.now()):
        parts.append(Part(_OPEN, "closing"))
    return parts
