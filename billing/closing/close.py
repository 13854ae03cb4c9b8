"""Close a month: under its lock and in one snapshot, checked, frozen, compared, then registered."""

import datetime as dt
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from decimal import localcontext
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from billing.closing.errors import ClosingError
from billing.closing.frozen_file import Written, write
from billing.closing.manifest import digest_of, manifest
from billing.closing.months import must_be_next
from billing.closing.signing import Checked, checked
from billing.closing.tie_out import TieLine, tie_lines
from billing.journal import Chart, frozen_journal, journal
from billing.margin import MarginReport, margin, rates_of
from billing.margin.closed import books_of, changes, frozen_tables
from billing.measures import CHARGE_CLASS, CONTRACTED, COST_BASES
from billing.models import MonthClose
from tknops.calendar import Period
from tknops.jobs.progress import Report, unreported
from tknops.money import EXACT
from usage import cube
from usage.ingest import close_posting, closing
from usage.models import UsageBatchMonth
from usage.revisions import Revisions

# What is compared, live against frozen, before a month is registered as closed.
_FINE = ("customer", "plan", "day")
_COMPARED = (
    *((_FINE, basis) for basis in COST_BASES),
    (("feature", "team", "model", "cost_class", "terms"), CONTRACTED),
    (("end_user", "environment"), CONTRACTED),
    ((), CONTRACTED),
)


@dataclass(frozen=True, slots=True)
class Preview:
    """What closing would freeze, and what stands against it."""

    month: dt.date
    report: MarginReport
    checks: list[Checked]
    ties: list[TieLine]

    @property
    def unsettled(self) -> list[Checked]:
        """The checks that are neither ok nor signed."""
        return [one for one in self.checks if not one.settled]


def preview(month: dt.date, *, now: dt.datetime) -> Preview:
    """Show what closing a month would freeze. Raises ClosingError if it cannot be closed."""
    days = must_be_next(month, now)
    report = margin(by=[CHARGE_CLASS], period=days)
    return Preview(month, report, checked(month), tie_lines(days))


def close_month(
    *,
    month: dt.date,
    now: dt.datetime,
    user: Any = None,
    approved_by: Any = None,
    report: Report = unreported,
) -> MonthClose:
    """Freeze a month and return its close; from then on reports read it from its file.

    Ingestion of the month waits meanwhile; what comes later is posted in the next. Raises
    ClosingError if the month is not next, a check is unsigned, or a second person is missing.
    """
    must_be_next(month, now)
    need_second_person(user, approved_by)
    cube.fold()  # most of it before anybody has to wait
    with closing(month):
        cube.fold()
        with _one_snapshot(), localcontext(EXACT):
            days = must_be_next(month, now)
            _must_be_folded(month)
            look_at_closed()
            found = preview(month, now=now)
            if found.unsettled:
                named = "; ".join(
                    f"{one.check.name}: {one.finding.text}" for one in found.unsettled
                )
                message = f"{month:%Y-%m} has checks that are neither ok nor signed: {named}"
                raise ClosingError(message)
            return _freeze(found, days, now, user, approved_by, report)


def look_at_closed() -> None:
    """Compare the closed months once, for every report of the month that bears their changes."""
    revisions = Revisions.read()
    changes(books_of(revisions), lambda part: cube.cube_files(period=part), revisions)


def need_second_person(user: Any, approved_by: Any) -> None:
    """Ask for the approval of another person where the setting does. Raises ClosingError."""
    if not settings.CLOSING_FOUR_EYES:
        return
    if approved_by is None or user is None or approved_by.pk == user.pk:
        message = "CLOSING_FOUR_EYES is set: one person asks, another approves"
        raise ClosingError(message)


def _freeze(
    found: Preview, days: Period, now: dt.datetime, user: Any, approved_by: Any, report: Report
) -> MonthClose:
    live = _reports(days)
    posted = frozen_journal(journal(days).entries, Chart())
    newest = MonthClose.objects.order_by("-pk").first()
    revision = MonthClose.objects.filter(month=days.start).count() + 1
    tables = frozen_tables(days, lambda part: cube.cube_files(period=part), Revisions.read())
    written = write(days, revision, _counted(tables, days, report))
    try:
        close = _register(
            found, live, posted, revision, written, newest.sha256 if newest else "", now, user,
            approved_by,
        )  # fmt: skip
        _must_be_equal(live, _reports(days))
    except BaseException:
        written.path.unlink(missing_ok=True)
        raise
    return close


def _register(
    found: Preview,
    live: Sequence[MarginReport],
    posted: dict[str, Any],
    revision: int,
    written: Written,
    previous: str,
    now: dt.datetime,
    user: Any,
    approved_by: Any,
) -> MonthClose:
    days = live[0].period
    people = {
        "closed_by": user.get_username() if user else None,
        "approved_by": approved_by.get_username() if approved_by else None,
    }
    made = manifest(
        days, revision, written,
        previous=previous, checks=found.checks, ties=found.ties, rates=rates_of(live),
        journal=posted, now=now, people=people,
    )  # fmt: skip
    close_posting(days.start)
    return MonthClose.objects.create(
        month=days.start,
        revision=revision,
        file_name=written.path.name,
        file_sha256=written.sha256,
        manifest=made,
        sha256=digest_of(made),
        previous_sha256=previous,
        closed_by=user,
        approved_by=approved_by,
        closed_at=now,
    )


def _reports(days: Period) -> list[MarginReport]:
    return [margin(by=by, period=days, basis=basis, whole=True) for by, basis in _COMPARED]


def _must_be_equal(live: Sequence[MarginReport], frozen: Sequence[MarginReport]) -> None:
    """Refuse a file that would say another figure than the reports before it.

    The rates they rest on are not in the file but in its manifest.
    """
    for before, after in zip(live, frozen, strict=True):
        was, now = (
            {row.key: replace(row, rates=frozenset()) for row in one.rows}
            for one in (before, after)
        )
        totals = (replace(one.total, rates=frozenset()) for one in (before, after))
        if was == now and next(totals) == next(totals):
            continue
        apart = [key for key in was.keys() | now.keys() if was.get(key) != now.get(key)]
        message = (
            f"the frozen figures by {', '.join(before.by) or 'nothing'} are not those before, "
            f"first of {sorted(apart)[:1] or 'the total'}; nothing was closed"
        )
        raise ClosingError(message)


def _must_be_folded(month: dt.date) -> None:
    waiting = UsageBatchMonth.objects.filter(
        posting_month=month, batch__unfoldedbatch__isnull=False
    )
    if waiting.exists():
        message = f"usage of {month:%Y-%m} is not folded yet; try again"
        raise ClosingError(message)


def _counted(tables: Iterator[Any], days: Period, report: Report) -> Iterator[Any]:
    for number, table in enumerate(tables):
        report(min(number, days.days), days.days)
        yield table


@contextmanager
def _one_snapshot() -> Iterator[None]:
    """Read all as of one moment, begun under the lock, or stay in the transaction there is."""
    outermost = not connection.in_atomic_block
    with transaction.atomic():
        if outermost:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        yield
