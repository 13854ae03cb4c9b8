"""Open the last closed month again: reports read it live, its file stays."""

import datetime as dt
from typing import Any

from django.db import transaction

from billing.closing.close import need_second_person
from billing.closing.errors import ClosingError
from billing.closing.months import in_force
from billing.models import MonthClose, Reopening
from usage.ingest import closing, reopen_posting


def last_closed(month: dt.date) -> MonthClose:
    """Return the close of a month if it is the last one. Raises ClosingError."""
    closed = in_force()
    if not any(one.month == month for one in closed):
        message = f"{month:%Y-%m} is not closed"
        raise ClosingError(message)
    if closed[-1].month != month:
        message = f"open the last closed month first: {closed[-1].month:%Y-%m}"
        raise ClosingError(message)
    return closed[-1]


def reopen_month(
    *,
    month: dt.date,
    reason: str,
    now: dt.datetime,
    user: Any = None,
    approved_by: Any = None,
) -> Reopening:
    """Open a month again; closing it later is its next revision. Raises ClosingError.

    Usage that came meanwhile stays where it was posted.
    """
    if not reason.strip():
        message = "opening a month again needs a reason"
        raise ClosingError(message)
    last_closed(month)
    need_second_person(user, approved_by)
    with closing(month), transaction.atomic():
        made = Reopening.objects.create(
            close=last_closed(month),
            reason=reason.strip()[:500],
            reopened_by=user,
            approved_by=approved_by,
            reopened_at=now,
        )
        reopen_posting(month)
    return made
