"""The month an event is posted in: its own, or the open one once its own is closed."""

import datetime as dt
from collections.abc import Iterable

from django.db import connection

_MONTH_LOCKS = 0x746B


def lock_months(months: Iterable[dt.date]) -> None:
    """Share each month's lock until the commit; closing a month takes it exclusively."""
    with connection.cursor() as cursor:
        for month in sorted(months):
            number = month.year * 12 + month.month
            cursor.execute("SELECT pg_advisory_xact_lock_shared(%s, %s)", [_MONTH_LOCKS, number])


def posting_month(usage_month: dt.date) -> dt.date:
    """Return the month itself: closing months comes with the periods."""
    return usage_month
