"""Which months have usage: those the picker offers, and the one to lead to."""

import datetime as dt
from collections.abc import Collection

from billing.margin import margin
from tknops.calendar import Period, last_full_month, month_start, next_month
from usage.models import CubeSegment


def months_with_usage(*, since: dt.date, before: dt.date) -> set[dt.date]:
    """Return the first days of the months before a day that the cube holds usage of."""
    segments = CubeSegment.objects.filter(
        replaced_at=None, first_day__lt=before, last_day__gte=since
    )
    return {
        part.start
        for first, last in segments.values_list("first_day", "last_day")
        for part in Period(month_start(max(first, since)), next_month(min(last, before))).months()
    }


def is_first_month(today: dt.date, used: Collection[dt.date] | None = None) -> bool:
    """Tell whether it begins now: the last complete month is bare, the running one is not.

    `used` are the months with usage, where they are known; money is asked only if that is not
    enough, which is in the first month of an installation.
    """
    last, running = last_full_month(today), month_start(today)
    if used is None:
        used = months_with_usage(since=last.start, before=today + dt.timedelta(days=1))
    if last.start in used or not _is_bare(last):
        return False
    whole = Period(running, next_month(running))
    return running in used or not _is_bare(whole)


def _is_bare(period: Period) -> bool:
    return not margin(by=["customer"], period=period).rows


def newest_usage(today: dt.date) -> dt.date | None:
    """Return the first day of the newest month with usage, the running one included."""
    return _newest(before=today + dt.timedelta(days=1))


def newest_month(today: dt.date) -> Period:
    """Return the newest complete month with usage, else the last complete month."""
    found = _newest(before=month_start(today))
    return Period(found, next_month(found)) if found else last_full_month(today)


def default_month(today: dt.date) -> dt.date:
    """Return the first day of the month that pages show by themselves."""
    return month_start(today) if is_first_month(today) else last_full_month(today).start


def newest_query(today: dt.date) -> str:
    """Return the query that shows the newest month with usage, a complete one if there is any.

    '' where the pages show it by themselves.
    """
    found = _newest(before=month_start(today)) or newest_usage(today)
    elsewhere = found and found != default_month(today)
    return f"?month={found:%Y-%m}" if elsewhere else ""


def _newest(*, before: dt.date) -> dt.date | None:
    segments = CubeSegment.objects.filter(replaced_at=None, first_day__lt=before)
    last = segments.order_by("-last_day").values_list("last_day", flat=True).first()
    return None if last is None else month_start(min(last, before - dt.timedelta(days=1)))
