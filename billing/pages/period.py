"""The period picker: months, the last complete one by default; a running month to yesterday.

Where all begins in the running month, that is the default, and today is in it.
"""

import datetime as dt
from dataclasses import dataclass

from django.http import HttpRequest
from django.utils import timezone

from billing.pages.asked import EARLIEST, day_of
from billing.pages.months import is_first_month, months_with_usage
from tknops.calendar import Period, add_months, last_full_month, month_start, next_month

CHART_MONTHS = 13
_OFFERED = 25


@dataclass(frozen=True, slots=True)
class Picked:
    """The month shown, what it is compared with, and the choice offered."""

    period: Period
    before: Period
    year_ago: Period
    chart: Period
    key: str
    label: str
    running: bool
    choices: list[tuple[str, str]]
    # Nothing was before it: today is part of it, and there is nothing to compare with.
    is_first: bool = False

    @property
    def against(self) -> str:
        """Name the previous period."""
        return f"{self.before.start:%B}" if not self.running else days(self.before)

    @property
    def year_label(self) -> str:
        """Name the same period last year."""
        return f"{self.year_ago.start:%B %Y}" if not self.running else days(self.year_ago)

    @property
    def earlier(self) -> str:
        """Return the key of the month before."""
        return f"{add_months(self.period.start, -1):%Y-%m}"

    @property
    def later(self) -> str:
        """Return the key of the month after; '' if it has not begun."""
        return "" if self.running else f"{add_months(self.period.start, 1):%Y-%m}"


def picked(request: HttpRequest) -> Picked:
    """Read ?month=2026-10; without it the last complete month, or the first there is.

    A running month is shown to yesterday and compared with equal days; the first one to today.
    Raises NotUnderstoodError.
    """
    today = timezone.localdate()
    tomorrow = today + dt.timedelta(days=1)
    used = months_with_usage(since=EARLIEST, before=tomorrow)
    start = _asked(request, today)
    is_first = start in {None, month_start(today)} and is_first_month(today, used)
    start = start or (month_start(today) if is_first else last_full_month(today).start)
    whole = Period(start, add_months(start, 1))
    running = whole.end > today
    until = tomorrow if is_first else max(today, start + dt.timedelta(days=1))
    period = Period(start, until) if running else whole
    chosen = [add_months(month_start(today), -n) for n in range(_OFFERED)]
    old = {month for month in used if month < chosen[-1]}
    return Picked(
        period=period,
        before=_same_days(period, -1, cut=running),
        year_ago=_same_days(period, -12, cut=running),
        chart=Period(add_months(start, 1 - CHART_MONTHS), period.end),
        key=f"{start:%Y-%m}",
        label=f"{days(period)} {start.year}" if running else f"{start:%B %Y}",
        running=running,
        choices=[
            (f"{m:%Y-%m}", f"{m:%B %Y}{' (running)' if m == chosen[0] else ''}")
            for m in sorted({*chosen, *old, start}, reverse=True)
        ],
        is_first=is_first,
    )


def _asked(request: HttpRequest, today: dt.date) -> dt.date | None:
    day = day_of(request, "month", latest=next_month(today) - dt.timedelta(days=1))
    return day and month_start(day)


def _same_days(period: Period, months: int, *, cut: bool) -> Period:
    """Move a period by months; a running one keeps its number of days, as far as they go."""
    start = add_months(period.start, months)
    end = add_months(start, 1)
    return Period(start, min(end, start + dt.timedelta(days=period.days)) if cut else end)


def days(period: Period) -> str:
    """Write days of one month: 1–24 October."""
    last = period.end - dt.timedelta(days=1)
    return (
        f"{period.start.day}–{last.day} {last:%B}" if period.days > 1 else f"{last.day} {last:%B}"
    )
