"""Compare closed months with today's meaning by every dimension, a month at a time."""

import datetime as dt
from collections.abc import Sequence

from django.conf import settings

from billing.margin.closed.books import Books
from billing.margin.closed.changed import Changed, known, remember
from billing.margin.closed.columns import date_of
from billing.margin.closed.difference import (
    Files,
    cost_difference,
    earned_difference,
    shared_difference,
)
from billing.margin.closed.dimensions import Dimensions, dimensions
from billing.margin.query import Question
from billing.measures import COST_BASES, owner_of
from tknops.calendar import Period
from usage import cube
from usage.revisions import Revisions

# Rows of the cube that are resolved at a time; a month of more is resolved by day.
AT_ONCE = 100_000


def changes(held: Books, files: Files, revisions: Revisions) -> Changed:
    """Find what has changed since in all closed months; remembered while nothing changes."""
    if found := known(Question((), {}), held, revisions):
        return found
    dims, currency = dimensions(), settings.REPORTING_CURRENCY
    months = list(held.closed.months()) if held.closed else []
    days: set[dt.date] = set()
    earned, shared = {}, {}
    for month in months:
        days |= _days(dims, held, month, files, revisions)
        asked = Question(("day", *dims.revenue), {})
        earned[month] = earned_difference(asked, held, month, currency, revisions)
        asked = Question(("day", *dims.shared), {})
        shared[month] = shared_difference(asked, held, month, currency, revisions)
    made = Changed(dims, frozenset(days), earned, shared)
    remember(made, held, revisions)
    return made


def _days(
    dims: Dimensions, held: Books, month: Period, files: Files, revisions: Revisions
) -> set[dt.date]:
    """List the days on which something of usage or cost is another now.

    A large month is looked through without people first, which are most of the rows, then by them.
    """
    found: set[str] = set()
    for by in _ways(dims, sum(map(cube.rows_of, files(month)))):
        for basis in COST_BASES:
            question = Question(by, {}, basis=basis)
            rows = cost_difference(question, held, month, files, revisions)
            found |= {row.key[0] for row in rows}
    return set(map(date_of, found))


def _ways(dims: Dimensions, rows: int) -> Sequence[tuple[str, ...]]:
    if rows <= AT_ONCE:
        return [("day", "utc_day", *dims.usage, "end_user", "context")]
    daily = [name for name in dims.usage if owner_of(name) != "end_user"]
    return [("day", "utc_day", *daily), ("day", "end_user")]
