"""What must be true of a month before it is closed, or be signed by a named person.

To add a check, write a function that takes the month and add one line to CHECKS.
"""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.conf import settings
from django.db.models import Max

from billing.closing.tie_out import tie_lines
from billing.margin import margin
from billing.measures import UNATTRIBUTED
from billing.models import BillingImport
from billing.reconciliation import GREEN, reconcile
from tknops.calendar import Period
from tknops.jobs.models import Job
from tknops.money import divide, minor_digits, round_half_up
from usage import cube
from usage.models import UnfoldedBatch

_WAITING = (BillingImport.State.STAGING, BillingImport.State.STAGED)
_NAMED = 3


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found, in a sentence; what is not `ok` must be signed."""

    ok: bool
    text: str


@dataclass(frozen=True, slots=True)
class Check:
    """A check by name, what it asks, and the page on which to mend it."""

    name: str
    label: str
    find: Callable[[Period], Finding]
    page: str = ""


def usage_folded(month: Period) -> Finding:
    """All usage received is in the figures, and some was received since the month ended."""
    unfolded = UnfoldedBatch.objects.count()
    if unfolded:
        return Finding(False, f"Batches of usage received and not folded yet: {unfolded:,}.")
    received = cube.received_to()
    end = dt.datetime.combine(month.end, dt.time(), settings.REPORTING_ZONE)
    if received is None:
        return Finding(False, "No usage was received yet.")
    shown = f"{received.astimezone(settings.REPORTING_ZONE):%Y-%m-%d %H:%M}"
    if received < end:
        return Finding(False, f"The latest usage was received {shown}, before the month ended.")
    return Finding(True, f"Usage is received and folded to {shown}.")


def attributed(month: Period) -> Finding:
    """No cost is without a customer."""
    report = margin(by=["customer"], period=month)
    nobody = sum(
        (row.cost or Decimal(0) for row in report.rows if row.key[0] == UNATTRIBUTED), Decimal(0)
    )
    whole = report.total.cost
    if not nobody or not whole:
        return Finding(True, "All AI cost has a customer.")
    share = divide(nobody * 100, whole, 1)
    return Finding(False, f"{_money(nobody)} of AI cost, {share} %, has no customer.")


def priced(month: Period) -> Finding:
    """Every quantity has a price."""
    report = margin(by=["provider", "model"], period=month)
    lacking = [row.key for row in report.rows if row.unpriced_events]
    if not lacking:
        return Finding(True, "All usage has a price.")
    named = ", ".join(model for _, model in lacking[:_NAMED])
    more = f" and {len(lacking) - _NAMED} more" if len(lacking) > _NAMED else ""
    total = report.total
    return Finding(
        False,
        f"{total.unpriced_events:,} calls and {total.unpriced_tokens:,} tokens have no price: "
        f"{named}{more}.",
    )


def matched(month: Period) -> Finding:
    """All revenue has a customer."""
    report = margin(by=["customer"], period=month)
    nobody = sum(
        (row.revenue or Decimal(0) for row in report.rows if row.key[0] == UNATTRIBUTED),
        Decimal(0),
    )
    if not nobody:
        return Finding(True, "All revenue has a customer.")
    return Finding(False, f"{_money(nobody)} of revenue is matched to no customer.")


def converted(month: Period) -> Finding:
    """Nothing stands in a currency without a rate."""
    report = margin(by=[], period=month)
    open_sums = [*_elsewhere(report.unconverted, "revenue")]
    open_sums += _elsewhere(report.unconverted_cost, "AI cost")
    open_sums += _elsewhere(report.unconverted_allocated, "shared cost")
    if not open_sums:
        return Finding(True, f"All figures are in {settings.REPORTING_CURRENCY}.")
    return Finding(False, f"Not converted: {', '.join(open_sums)}.")


def reconciled(month: Period) -> Finding:
    """Every provider's bill of the month is there and agrees within its threshold."""
    found = reconcile(month.start)
    apart = [f"{one.provider} ({one.state})" for one in found if one.state != GREEN]
    if not apart:
        return Finding(True, "The bills of all providers agree with the tracked cost.")
    return Finding(False, f"Providers not reconciled: {', '.join(apart)}.")


def imports_settled(month: Period) -> Finding:
    """No import waits to be confirmed, and billing was imported since the month ended."""
    waiting = BillingImport.objects.filter(state__in=_WAITING).count()
    if waiting:
        return Finding(False, f"Billing imports to be confirmed or discarded: {waiting:,}.")
    applied = BillingImport.objects.filter(state=BillingImport.State.APPLIED)
    newest = applied.aggregate(at=Max("created_at"))["at"]
    end = dt.datetime.combine(month.end, dt.time(), settings.REPORTING_ZONE)
    if newest is None:
        return Finding(False, "No billing was imported yet.")
    shown = f"{newest.astimezone(settings.REPORTING_ZONE):%Y-%m-%d}"
    if newest < end:
        return Finding(False, f"Billing was last imported {shown}, before the month ended.")
    return Finding(True, f"Billing was last imported {shown}; nothing waits.")


def jobs_done(_month: Period) -> Finding:
    """No job that changes figures is under way."""
    states = (Job.State.QUEUED, Job.State.RUNNING)
    open_jobs = Job.objects.filter(state__in=states).exclude(kind="close-month").count()
    if open_jobs:
        return Finding(False, f"Jobs queued or running: {open_jobs:,}.")
    return Finding(True, "No job is queued or running.")


def tied_out(month: Period) -> Finding:
    """The biller's total and the general ledger say the same, or a note says why not."""
    lines = tie_lines(month)
    missing = [line.label for line in lines if line.theirs is None]
    if missing:
        return Finding(False, f"Not tied out: {'; '.join(missing)}.")
    apart = [line for line in lines if line.difference and not line.note]
    if apart:
        named = "; ".join(f"{line.label} differ by {_money(line.difference)}" for line in apart)
        return Finding(False, f"{named}, without a note.")
    noted = sum(1 for line in lines if line.difference)
    return Finding(True, f"Tied out; {noted} differences have a note." if noted else "Tied out.")


# In the order shown. A check of another package (rates, reconciliation) is one more line here.
CHECKS = (
    Check("usage", "Usage is folded", usage_folded, "data-health"),
    Check("attribution", "Cost has customers", attributed, "unattributed"),
    Check("prices", "Usage has prices", priced, "unpriced"),
    Check("matching", "Revenue has customers", matched, "matching"),
    Check("currencies", "Figures are converted", converted, "exchange-rates"),
    Check("reconciliation", "Provider bills agree", reconciled, "reconciliation"),
    Check("imports", "Imports are up to date", imports_settled, "billing-upload"),
    Check("jobs", "No job is under way", jobs_done),
    Check("tie-out", "Other books agree", tied_out, "tie-out"),
)


def _elsewhere(amounts: Mapping[str, Decimal], what: str) -> list[str]:
    return [f"{amount:,} {code} of {what}" for code, amount in sorted(amounts.items()) if amount]


def _money(amount: Decimal | None) -> str:
    digits = minor_digits(settings.REPORTING_CURRENCY)
    return f"{round_half_up(amount or Decimal(0), digits):,} {settings.REPORTING_CURRENCY}"
