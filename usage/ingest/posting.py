"""The month an event is posted in: its own, or the open one once its own is closed."""

import datetime as dt
from collections.abc import Iterable
from zoneinfo import ZoneInfo

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
    ends = {_month(min(listed), zone), _month(max(listed), zone)}
    return ends if len(ends) == 1 else {_month(moment, zone) for moment in listed}


def _month(moment: dt.datetime, zone: ZoneInfo) -> dt.date:
    return moment.astimezone(zone).date().replace(day=1)


def posting_month(usage_month: dt.date) -> dt.date:
    """Return the month itself: closing months comes with the periods."""
    return usage_month
