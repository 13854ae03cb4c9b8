"""Batches that are in the ledger but not in the cube yet: reports do not show them."""

import datetime as dt
from dataclasses import dataclass

from django.db.models import Count, Min

from usage.models import UnfoldedBatch


@dataclass(frozen=True, slots=True)
class Backlog:
    """How many batches wait, and since when."""

    batches: int
    oldest: dt.datetime | None


def backlog() -> Backlog:
    """Count what is not folded."""
    found = UnfoldedBatch.objects.aggregate(batches=Count("pk"), oldest=Min("batch__received_at"))
    return Backlog(found["batches"], found["oldest"])
