"""Which days a page is about, what they are compared with, and the months of its chart."""

import datetime as dt
from dataclasses import dataclass

from tknops.calendar import Period, add_months, last_full_month, month_start, next_month
from tknops.calendar import parse_bound as parse

CHART_MONTHS = 13
_LAST = "last-"
_MOST_MONTHS = 36


@dataclass(frozen=True, slots=True)
class Choice:
    """A period with its code in addresses, its name, and its two comparisons."""

    code: str
    label: str
    period: Period
    previous: Period
    year_ago: Period
    chart: Period

    @property
    def compared_with(self) -> str:
        """Name the period before."""
        return span(self.previous)


def choose(code: str, *, today: dt.date) -> Choice:
    """Read a period code: 2026-10, last-3, 2026-08..2026-10; anything else: last full month.

    A running month ends today and is compared with as many days of the month before.
    """
    period = _read(code, today) or last_full_month(today)
    if period == last_full_month(today):
        code = f"{period.start:%Y-%m}"
    end = next_month(period.end - dt.timedelta(days=1))
    return Choice(
        code=code,
        label=span(period),
        period=period,
        previous=_before(period),
        year_ago=Period(add_months(period.start, -12), add_months(period.end, -12)),
        chart=Period(add_months(end, -CHART_MONTHS), min(end, max(period.end, period.start))),
    )


def codes(*, today: dt.date) -> list[tuple[str, str]]:
    """List what the picker offers."""
    this = month_start(today)
    months = [add_months(this, -back) for back in range(1, CHART_MONTHS + 1)]
    running = [(f"{this:%Y-%m}", f"{this:%B %Y} so far")] if today > this else []
    return [
        *((f"{month:%Y-%m}", f"{month:%B %Y}") for month in months[:1]),
        *running,
        *((f"{_LAST}{count}", f"Last {count} full months") for count in (3, 6, 12)),
        *((f"{month:%Y-%m}", f"{month:%B %Y}") for month in months[1:]),
    ]


def span(period: Period) -> str:
    """Name a period: October 2026, or its first and last day."""
    last = period.end - dt.timedelta(days=1)
    whole = period.start.day == 1 and period.end.day == 1
    if whole and next_month(period.start) == period.end:
        return f"{period.start:%B %Y}"
    if whole:
        return f"{period.start:%b %Y} to {last:%b %Y}"
    return f"{period.start.day} {period.start:%b} to {last.day} {last:%b %Y}"


def _read(code: str, today: dt.date) -> Period | None:
    this = month_start(today)
    if code.startswith(_LAST) and code[len(_LAST) :].isdecimal():
        count = int(code[len(_LAST) :])
        return Period(add_months(this, -count), this) if 0 < count <= _MOST_MONTHS else None
    first, _, last = code.partition("..")
    try:
        start, end = parse(first), next_month(parse(last or first))
        add_months(start, -CHART_MONTHS - 12)
    except (ValueError, OverflowError):
        return None
    end = min(end, today) if start < today else end
    return Period(month_start(start), end) if month_start(start) < end else None


def _before(period: Period) -> Period:
    last = period.end - dt.timedelta(days=1)
    months = (last.year - period.start.year) * 12 + last.month - period.start.month + 1
    start = add_months(period.start, -months)
    if period.end.day == 1:
        return Period(start, period.start)
    return Period(start, min(add_months(period.end, -months), period.start))
