"""Closing as background work: what the kind of job calls."""

import datetime as dt
from typing import Any

from django.contrib.auth import get_user_model
from django.utils import timezone

from billing.closing.close import close_month
from tknops.jobs.progress import Report


def close(
    report: Report, *, month: str, user: int | None = None, approved_by: int | None = None
) -> dict[str, Any]:
    """Close a month for a person, approved by another where asked for."""
    people = get_user_model().objects
    made = close_month(
        month=dt.date.fromisoformat(month),
        now=timezone.now(),
        user=people.filter(pk=user).first() if user else None,
        approved_by=people.filter(pk=approved_by).first() if approved_by else None,
        report=report,
    )
    return {"month": f"{made.month:%Y-%m}", "revision": made.revision, "sha256": made.sha256}
