"""The month an event is posted in: its own, or the open one once its own is closed."""

import datetime as dt
from collections.abc import Iterable

from django.db import connection

_MONTH_LOCKS = 0x746B


def lock_months(months: Iterable[dt.date]) -> None:
    """Share each month's lock until the commit; closing a month takes it exclusively."""
    numbers = sorted(month.year * 12 + month.month for month in months)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock_shared(%s, number) FROM unnest(%s::int[]) AS number",
            [_MONTH_LOCKS, numbers],
        )


def posting_month(usage_month: dt.date) -> dt.date:
    """Return the month itself: closing months comes with the periods."""
    return usage_month
