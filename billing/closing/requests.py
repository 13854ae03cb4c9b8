"""Four eyes: one person asks to close a month or to open it again, another one decides."""

import datetime as dt
from typing import Any

from django.db import transaction

from billing.closing.close import preview
from billing.closing.errors import ClosingError
from billing.closing.reopen import last_closed
from billing.models import CloseRequest


def ask(
    *, month: dt.date, kind: str, user: Any, now: dt.datetime, reason: str = ""
) -> CloseRequest:
    """Ask for a month to be closed or opened again. Raises ClosingError."""
    if kind == CloseRequest.Kind.CLOSE:
        found = preview(month, now=now)
        if found.unsettled:
            names = ", ".join(one.check.name for one in found.unsettled)
            message = f"{month:%Y-%m} has checks that are neither ok nor signed: {names}"
            raise ClosingError(message)
    else:
        last_closed(month)
        if not reason.strip():
            message = "opening a month again needs a reason"
            raise ClosingError(message)
    if waiting(month):
        message = f"a request for {month:%Y-%m} waits already"
        raise ClosingError(message)
    return CloseRequest.objects.create(
        month=month, kind=kind, reason=reason.strip()[:500], asked_by=user
    )


def waiting(month: dt.date) -> CloseRequest | None:
    """Return the request of a month that waits for a decision."""
    rows = CloseRequest.objects.filter(month=month, decision=CloseRequest.Decision.WAITING)
    return rows.select_related("asked_by").first()


@transaction.atomic
def decide(*, request: CloseRequest, approve: bool, user: Any, now: dt.datetime) -> CloseRequest:
    """Approve a request of another person, or decline one. Raises ClosingError."""
    held = CloseRequest.objects.select_for_update().get(pk=request.pk)
    if held.decision != CloseRequest.Decision.WAITING:
        message = f"the request was {held.get_decision_display()} already"
        raise ClosingError(message)
    if approve and held.asked_by_id == user.pk:
        message = "one's own request is approved by somebody else"
        raise ClosingError(message)
    held.decision = CloseRequest.Decision.APPROVED if approve else CloseRequest.Decision.DECLINED
    held.decided_by, held.decided_at = user, now
    held.save()
    return held
