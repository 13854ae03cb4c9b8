"""Batches that are in the ledger but not in the cube yet: reports do not show them."""

import datetime as dt
from dataclasses import dataclass

from django.db.models import Count, Min

from usage.models import UsageBatch


@dataclass(frozen=True, slots=True)
class Backlog:
    """How many batches wait, and since when."""

    batches: int
    oldest: dt.datetime | None


def backlog() -> Backlog:
    """Count what is not folded."""
    found = UsageBatch.objects.filter(foldedbatch=None).aggregate(
        batches=Count("pk"), oldest=Min("received_at")
    )
    return Backlog(found["batches"], found["oldest"])
