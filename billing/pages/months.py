"""Which months have usage: those the picker offers, and the one to lead to."""

import datetime as dt

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


def newest_usage(today: dt.date) -> dt.date | None:
    """Return the first day of the newest month with usage, the running one included."""
    segments = CubeSegment.objects.filter(replaced_at=None, first_day__lte=today)
    newest = segments.order_by("-last_day").values_list("last_day", flat=True).first()
    return None if newest is None else month_start(min(newest, today))


def newest_month(today: dt.date) -> Period:
    """Return the newest complete month with usage, else the last complete month."""
    last = last_full_month(today)
    newest = newest_usage(today)
    if newest is None or newest >= last.start:
        return last
    return Period(newest, next_month(newest))


def newest_query(today: dt.date) -> str:
    """Return the query that shows the newest month with usage; '' where the default does."""
    newest = newest_usage(today)
    older = newest is not None and newest < last_full_month(today).start
    return f"?month={newest:%Y-%m}" if older else ""
