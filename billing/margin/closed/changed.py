"""What has changed in closed months, found once by every dimension, for all who ask after it.

Closing asks a dozen reports of the first open month, each of which bears what closed months
changed by. Where nothing has, one comparison per closed month says so for all of them.
"""

import datetime as dt
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field

from django.conf import settings

from billing.margin.allocation import Allocated
from billing.margin.closed.books import Books
from billing.margin.closed.dimensions import Dimensions
from billing.margin.income import Income
from billing.margin.memory import Memory
from billing.margin.query import Question
from tknops.calendar import Period
from usage import cube
from usage.revisions import Revisions

_known = Memory()


@dataclass(frozen=True, slots=True)
class Changed:
    """The days on which usage or cost is another now, and by month what of revenue and shared."""

    dims: Dimensions
    days: frozenset[dt.date]
    earned: Mapping[Period, Income] = field(default_factory=dict)
    shared: Mapping[Period, Allocated] = field(default_factory=dict)

    @property
    def revenue(self) -> bool:
        """Whether any revenue is another, or waits for a rate."""
        return any(one.by_key or one.elsewhere for one in self.earned.values())

    @property
    def allocation(self) -> bool:
        """Whether any shared cost is."""
        return any(one.by_key or one.elsewhere for one in self.shared.values())


def remember(found: Changed, held: Books, revisions: Revisions) -> None:
    """Keep what was found for as long as nothing changes."""
    _known.get(_key(held, revisions), lambda: found, own=lambda one: one.days)


def known(question: Question, held: Books, revisions: Revisions) -> Changed | None:
    """Return what was found in this very state; None where nobody looked, or it says nothing."""
    asks_as_it_is = question.scenario or question.as_of_run or question.attributes_on
    if asks_as_it_is or question.only:
        return None
    found: Changed | None = _known.peek(_key(held, revisions))
    named = found and {*found.dims.usage, *_COVERED}
    return found if named and all(name in named for name in question.dimensions) else None


def forget() -> None:
    """Drop what this process remembers."""
    _known.clear()


# What days, contexts and people of a row are compared by too.
_COVERED = frozenset(
    ("day", "week", "month", "quarter", "utc_day", "utc_month", "end_user", "context")
)


def _key(held: Books, revisions: Revisions) -> Hashable:
    files = tuple(cube.cube_files(period=held.closed)) if held.closed else ()
    return (
        tuple(sorted(held.files.items())), files, revisions.all, settings.REPORTING_CURRENCY,
        str(settings.REPORTING_ZONE),
    )  # fmt: skip
