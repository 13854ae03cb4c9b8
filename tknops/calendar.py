"""The reporting calendar: half-open ranges of days and the months they fall into."""

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass

_LONGEST = 100 * 366
GRAINS = ("day", "week", "month", "quarter")
_MONTH = re.compile(r"(\d{4})-(\d{2})")


@dataclass(frozen=True, slots=True)
class Period:
    """Days from start (inclusive) to end (exclusive)."""

    start: dt.date
    end: dt.date

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.end - self.start).days

    def months(self) -> Iterator["Period"]:
        """Cut at month boundaries."""
        start = self.start
        while start < self.end:
            end = min(next_month(start), self.end)
            yield Period(start, end)
            start = end

    def cut(self, grain: str) -> Iterator["Period"]:
        """Cut at the boundaries of days, ISO weeks, months or quarters."""
        start = self.start
        while start < self.end:
            end = min(_next(grain, start), self.end)
            yield Period(start, end)
            start = end


def grain_key(grain: str, day: dt.date) -> str:
    """Name the day, ISO week, month or quarter: 2026-10-05, 2026-W41, 2026-10, 2026-Q4."""
    if grain == "day":
        return day.isoformat()
    if grain == "week":
        return f"{day:%G-W%V}"
    if grain == "month":
        return f"{day:%Y-%m}"
    return f"{day:%Y}-Q{(day.month + 2) // 3}"


def _next(grain: str, day: dt.date) -> dt.date:
    if grain == "day":
        return day + dt.timedelta(days=1)
    if grain == "week":
        return day + dt.timedelta(days=8 - day.isoweekday())
    if grain == "month":
        return next_month(day)
    return add_months(month_start(day), 3 - (day.month - 1) % 3)


def month_start(day: dt.date) -> dt.date:
    """Return the first day of its month."""
    return day.replace(day=1)


def next_month(day: dt.date) -> dt.date:
    """Return the first day of the month after."""
    return add_months(month_start(day), 1)


def add_months(day: dt.date, count: int) -> dt.date:
    """Move by months, to the last day of a shorter month: 31 January + 1 = 28 February."""
    index = day.year * 12 + day.month - 1 + count
    year, month = divmod(index, 12)
    first = dt.date(year, month + 1, 1)
    last = (dt.date(year + month // 11, (month + 1) % 12 + 1, 1) - first).days
    return first.replace(day=min(day.day, last))


def last_full_month(today: dt.date) -> Period:
    """Return the last complete month before today."""
    end = month_start(today)
    return Period(add_months(end, -1), end)


def parse_bound(text: str) -> dt.date:
    """Read 2026-10 (its first day) or 2026-10-05.

    Raises ValueError naming the text and what is accepted.
    """
    try:
        if match := _MONTH.fullmatch(text):
            return dt.date(int(match[1]), int(match[2]), 1)
        return dt.date.fromisoformat(text)
    except ValueError:
        message = f"{text!r} is not a month (2026-10) or a day (2026-10-05)"
        raise ValueError(message) from None


def parse_period(start: str, end: str) -> Period:
    """Read a period from two bounds, the end exclusive.

    Raises ValueError if a bound is none, the end is not after the start, or it is over 100 years.
    """
    period = Period(parse_bound(start), parse_bound(end))
    if not 0 < period.days <= _LONGEST:
        message = f"{start} to before {end} are {period.days:,} days; accepted: 1 to {_LONGEST:,}"
        raise ValueError(message)
    return period
