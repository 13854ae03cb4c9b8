"""The month an event is posted in: its own, or the open one once its own is closed.

The database's `usage_posting_month` says which, when a batch is recorded: under the lock of its
month, so that no month is closed between being asked and being posted in.
"""

import datetime as dt
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from zoneinfo import ZoneInfo

from django.db import connection

from usage.models import MonthClosing

# Shared by each request until its commit; closing a month takes its lock exclusively.
MONTH_LOCKS = 0x746B


def lock_number(month: dt.date) -> int:
    """Return the second number of a month's advisory lock."""
    return month.year * 12 + month.month


def usage_months(moments: Iterable[dt.datetime], zone: ZoneInfo) -> set[dt.date]:
    """Return the reporting months of these moments; mostly it is one, told by both ends."""
    listed = list(moments)
    if not listed:
        return set()
    ends = {usage_month(min(listed), zone), usage_month(max(listed), zone)}
    return ends if len(ends) == 1 else {usage_month(moment, zone) for moment in listed}


def usage_month(moment: dt.datetime, zone: ZoneInfo) -> dt.date:
    """Return the reporting month of a moment."""
    return moment.astimezone(zone).date().replace(day=1)


@contextmanager
def closing(month: dt.date) -> Iterator[None]:
    """Keep ingestion out of a month: wait for the requests under way, hold back the others.

    The lock is the session's, not a transaction's: a snapshot begun under it sees all of them.
    """
    key = [MONTH_LOCKS, lock_number(month)]
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s, %s)", key)
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s, %s)", key)


def close_posting(month: dt.date) -> None:
    """Post usage of the month in the first open one from now on."""
    MonthClosing.objects.create(month=month, is_closed=True)


def reopen_posting(month: dt.date) -> None:
    """Post usage of the month in itself again; what came meanwhile stays where it was posted."""
    MonthClosing.objects.create(month=month, is_closed=False)
