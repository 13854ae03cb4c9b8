"""The period of an exploration, by name or by bounds, and what it is compared with."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from tknops.calendar import Period, add_months, last_full_month, month_start, parse_bound

LONGEST = 3660
EARLIEST, LATEST = dt.date(2000, 1, 1), dt.date(2199, 12, 31)
PREVIOUS, LAST_YEAR = "previous", "last_year"
COMPARISONS = {PREVIOUS: "previous period", LAST_YEAR: "same period last year"}


@dataclass(frozen=True, slots=True)
class Span:
    """Days, and the name they were asked by; '' where bounds were given."""

    period: Period
    name: str = ""

    @property
    def label(self) -> str:
        """Write the days, whole months as months."""
        last = self.period.end - dt.timedelta(days=1)
        first = self.period.start
        if not (first.day == 1 and self.period.end.day == 1):
            return f"{first:%Y-%m-%d} to {last:%Y-%m-%d}" if first != last else f"{first:%Y-%m-%d}"
        if month_start(last) == first:
            return f"{first:%B %Y}"
        return f"{first:%B %Y} to {last:%B %Y}"


def _full_months(count: int) -> Callable[[dt.date], Period]:
    def find(today: dt.date) -> Period:
        end = month_start(today)
        return Period(add_months(end, -count), end)

    return find


def _last_quarter(today: dt.date) -> Period:
    end = add_months(month_start(today), -((today.month - 1) % 3))
    return Period(add_months(end, -3), end)


def _new_year(day: dt.date) -> dt.date:
    return day.replace(month=1, day=1)


def _to_yesterday(start: dt.date, today: dt.date) -> Period:
    return Period(start, max(today, start + dt.timedelta(days=1)))


NAMED: dict[str, tuple[str, Callable[[dt.date], Period]]] = {
    "last_month": ("Last full month", last_full_month),
    "last_3_months": ("Last 3 full months", _full_months(3)),
    "last_6_months": ("Last 6 full months", _full_months(6)),
    "last_12_months": ("Last 12 full months", _full_months(12)),
    "last_quarter": ("Last full quarter", _last_quarter),
    "this_month": ("This month to yesterday", lambda day: _to_yesterday(month_start(day), day)),
    "this_year": ("This year to yesterday", lambda day: _to_yesterday(_new_year(day), day)),
}  # fmt: skip
DEFAULT = "last_month"


def named(name: str, today: dt.date) -> Span:
    """Return the period of a name. Raises ValueError naming what is accepted."""
    if name not in NAMED:
        message = f"period={name!r} is not a period; accepted: {', '.join(NAMED)}, or from= and to="
        raise ValueError(message)
    return Span(NAMED[name][1](today), name)


def bounded(first: str, last: str) -> Span:
    """Return the days from one bound to another, both included; a month stands for its days.

    Raises ValueError naming the bound and what is accepted.
    """
    start, end = _bound(first), _bound(last or first)
    month = len(last or first) == len("2026-10")
    end = add_months(end, 1) if month else end + dt.timedelta(days=1)
    days = (end - start).days
    if not 0 < days <= LONGEST:
        message = f"from={first} to={last} are {days:,} days; accepted: 1 to {LONGEST:,}"
        raise ValueError(message)
    return Span(Period(start, end))


def _bound(text: str) -> dt.date:
    day = parse_bound(text)
    if not EARLIEST <= day <= LATEST:
        message = f"{text} is out of range; accepted: {EARLIEST} to {LATEST}"
        raise ValueError(message)
    return day


def compared(period: Period, comparison: str) -> Period:
    """Return the period to compare with.

    Whole months with as many whole months before; days from the first of a month with the same
    days of the month before; other days with as many just before.
    """
    if comparison == LAST_YEAR:
        return _moved(period, -12)
    if period.start.day == 1 and period.end.day == 1:
        months = sum(1 for _ in period.months())
        return _moved(period, -months)
    if period.start.day == 1 and period.days < (add_months(period.start, 1) - period.start).days:
        start = add_months(period.start, -1)
        return Period(start, min(start + dt.timedelta(days=period.days), period.start))
    return Period(period.start - dt.timedelta(days=period.days), period.start)


def _moved(period: Period, months: int) -> Period:
    last = period.end - dt.timedelta(days=1)
    whole = period.end.day == 1
    end = add_months(period.end, months) if whole else add_months(last, months) + dt.timedelta(1)
    return Period(add_months(period.start, months), end)
