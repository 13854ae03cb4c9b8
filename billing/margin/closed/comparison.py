"""Compare closed months with today's meaning by every dimension.

A month is compared again only if something both sides were made from is another now; that other
months were closed since is nothing of it.
"""

import datetime as dt
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from django.conf import settings

from billing.margin.allocation import Allocated
from billing.margin.closed.bearing import bearing
from billing.margin.closed.books import TABLES, Books
from billing.margin.closed.changed import Changed, known, remember
from billing.margin.closed.columns import date_of
from billing.margin.closed.difference import (
    Files,
    cost_difference,
    earned_difference,
    shared_difference,
)
from billing.margin.closed.dimensions import Dimensions, dimensions
from billing.margin.income import Income
from billing.margin.memory import Memory
from billing.margin.query import Question
from billing.measures import COST_BASES, owner_of
from tknops.calendar import Period
from usage import cube
from usage.revisions import Revisions

# Rows of the cube that are resolved at a time; a month of more is resolved by day.
AT_ONCE = 100_000
# What no figure of today's meaning reads: which months are closed.
_CLOSES = (*TABLES, "usage_monthclosing")
_compared = Memory()


@dataclass(frozen=True, slots=True)
class _Compared:
    """What of a closed month is another now: days of usage or cost, revenue, shared cost."""

    days: frozenset[dt.date]
    earned: Income
    shared: Allocated


def changes(held: Books, files: Files, revisions: Revisions) -> Changed:
    """Find what has changed since in all closed months; remembered while nothing changes."""
    if found := known(Question((), {}), held, revisions):
        return found
    dims, late = dimensions(), cube.late_months()
    keys = {
        month: _made_from(dims, held, month, late, files, revisions)
        for month in (held.closed.months() if held.closed else ())
    }
    found_of: dict[Period, _Compared] = {}
    for month, key in keys.items():
        if before := _compared.peek(key):
            found_of[month] = before
    for months in _together([month for month in keys if month not in found_of], files):
        found_of |= _compare(dims, held, months, files, revisions)
    for month, key in keys.items():
        _compared.get(key, partial(found_of.__getitem__, month))
    made = Changed(
        dims,
        frozenset(day for one in found_of.values() for day in one.days),
        {month: found_of[month].earned for month in keys},
        {month: found_of[month].shared for month in keys},
    )
    remember(made, held, revisions)
    return made


def forget() -> None:
    """Drop what this process remembers."""
    _compared.clear()


def _made_from(
    dims: Dimensions,
    held: Books,
    month: Period,
    late: Sequence[tuple[dt.date, dt.date]],
    files: Files,
    revisions: Revisions,
) -> Hashable:
    """Name all that both sides of a month's comparison are made from.

    Live: every table but those of closes, and the segments up to the month's end, since revenue of
    usage counts from its beginning on; of them what was posted in a closed month. Frozen: the files
    that hold rows of the month.
    """
    posted = [at for usage, at in late if usage == month.start and at in held.files]
    return (
        month, dims, revisions.without(*_CLOSES), tuple(files(Period(dt.date.min, month.end))),
        tuple(posted), bearing(held, month), settings.REPORTING_CURRENCY,
        str(settings.REPORTING_ZONE),
    )  # fmt: skip


def _together(months: Sequence[Period], files: Files) -> Iterator[list[Period]]:
    """Put months one after another together, up to as many rows as are resolved at a time."""
    some: list[Period] = []
    for month in months:
        follows = some and some[-1].end == month.start
        if some and not (follows and _rows(Period(some[0].start, month.end), files) <= AT_ONCE):
            yield some
            some = []
        some.append(month)
    if some:
        yield some


def _compare(
    dims: Dimensions, held: Books, months: Sequence[Period], files: Files, revisions: Revisions
) -> dict[Period, _Compared]:
    """Compare usage of all these days at once, revenue and shared cost a month at a time.

    As they were when frozen: prepaid credits and refunds can depend on what else is in view.
    """
    currency = settings.REPORTING_CURRENCY
    earned = Question(("day", *dims.revenue), {})
    shared = Question(("day", *dims.shared), {})
    days = _days(dims, held, Period(months[0].start, months[-1].end), files, revisions)
    return {
        month: _Compared(
            frozenset(day for day in days if month.start <= day < month.end),
            earned_difference(earned, held, month, currency, revisions),
            shared_difference(shared, held, month, currency, revisions),
        )
        for month in months
    }


def _days(
    dims: Dimensions, held: Books, days: Period, files: Files, revisions: Revisions
) -> set[dt.date]:
    """List the days on which something of usage or cost is another now.

    A large month is looked through without people first, which are most of the rows, then by them.
    """
    found: set[str] = set()
    for by in _ways(dims, _rows(days, files)):
        for basis in COST_BASES:
            question = Question(by, {}, basis=basis)
            rows = cost_difference(question, held, days, files, revisions)
            found |= {row.key[0] for row in rows}
    return set(map(date_of, found))


def _rows(days: Period, files: Files) -> int:
    return sum(map(cube.rows_of, files(days)))


def _ways(dims: Dimensions, rows: int) -> Sequence[tuple[str, ...]]:
    if rows <= AT_ONCE:
        return [("day", "utc_day", *dims.usage, "end_user", "context")]
    daily = [name for name in dims.usage if owner_of(name) != "end_user"]
    return [("day", "utc_day", *daily), ("day", "end_user")]
