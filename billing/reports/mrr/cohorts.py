"""Cohorts: accounts by the month they first had MRR, and what of it is left month by month."""

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from billing.reports.mrr.book import ZERO, MrrBook
from billing.reports.mrr.retention import percent


@dataclass(frozen=True, slots=True)
class Cohort:
    """Accounts that began in one month; MRR at each month end since, at one day's rates."""

    began: dt.date
    accounts: int
    mrr: tuple[Fraction, ...]
    left: tuple[int, ...]

    @property
    def retained(self) -> list[Decimal | None]:
        """MRR at each month end over that of the first, in percent."""
        return [percent(amount, self.mrr[0]) for amount in self.mrr]


def cohorts(book: MrrBook, ends: Sequence[dt.date]) -> list[Cohort]:
    """Return the cohorts that began at one of these month ends, the oldest first.

    All is converted at the rates of the last, so that a rate moves no cohort.
    """
    last = ends[-1]
    members: dict[dt.date, list[str]] = defaultdict(list)
    for key, began in book.first_months(last).items():
        members[began].append(key)
    return [
        _cohort(book, members[end], ends[at:], last)
        for at, end in enumerate(ends)
        if end in members
    ]


def _cohort(book: MrrBook, keys: Sequence[str], ends: Sequence[dt.date], last: dt.date) -> Cohort:
    standings = [book.at(end).native for end in ends]
    return Cohort(
        began=ends[0],
        accounts=len(keys),
        mrr=tuple(
            sum((book.converted(native.get(key, {}), last) for key in keys), ZERO)
            for native in standings
        ),
        left=tuple(sum(1 for key in keys if key in native) for native in standings),
    )
