"""What each source sent and what became of it, from the ledger of batches."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce

from usage.models import Quarantined, Source, UsageBatch

DAYS = 30
_FATES = ("received", "stored", "duplicate", "conflict", "rejected")


@dataclass(frozen=True, slots=True)
class Flow:
    """Events of a source: received within an hour and a day; the fates of DAYS days."""

    source_id: int
    source: str
    is_demo: bool
    last_seen: dt.datetime | None
    last_hour: int
    last_day: int
    received: int
    stored: int
    duplicate: int
    conflict: int
    rejected: int
    rejected_last_day: int
    conflict_last_day: int


def flows(*, now: dt.datetime) -> list[Flow]:
    """Count per source. Uses index: BRIN on received_at; (source, id) for the newest batch."""
    hour, day = Q(received_at__gt=now - dt.timedelta(hours=1)), _since(now, 1)
    sums = (
        UsageBatch.objects.filter(_since(now, DAYS))
        .values("source_id")
        .annotate(
            last_hour=_sum("received", hour),
            last_day=_sum("received", day),
            **{f"{name}_sum": _sum(name) for name in _FATES},
            rejected_last_day=_sum("rejected", day),
            conflict_last_day=_sum("conflict", day),
        )
    )
    by_source: dict[int, dict[str, Any]] = {row["source_id"]: {**row} for row in sums}
    newest = UsageBatch.objects.filter(source=OuterRef("pk")).order_by("-pk")
    sources = Source.objects.annotate(last_seen=Subquery(newest.values("received_at")[:1]))
    return [_flow(source, by_source.get(source.pk, {})) for source in sources.order_by("name")]


def _flow(source: Any, sums: dict[str, Any]) -> Flow:
    return Flow(
        source_id=source.pk,
        source=source.name,
        is_demo=source.is_demo,
        last_seen=source.last_seen,
        last_hour=sums.get("last_hour", 0),
        last_day=sums.get("last_day", 0),
        rejected_last_day=sums.get("rejected_last_day", 0),
        conflict_last_day=sums.get("conflict_last_day", 0),
        **{name: sums.get(f"{name}_sum", 0) for name in _FATES},
    )


def _since(now: dt.datetime, days: int) -> Q:
    return Q(received_at__gt=now - dt.timedelta(days=days))


def _sum(name: str, condition: Q | None = None) -> Coalesce:
    return Coalesce(Sum(name, filter=condition), 0)


def rejected_codes(*, now: dt.datetime, days: int = 1) -> list[tuple[str, int]]:
    """Count rejected events by code, most first."""
    rows = Quarantined.objects.filter(batch__received_at__gt=now - dt.timedelta(days=days))
    counted = rows.values("code").annotate(events=Count("pk")).order_by("-events", "code")
    return list(counted.values_list("code", "events"))
