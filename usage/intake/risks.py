"""What may go wrong next: tags near their limits, exposed or ending keys, content sent to us."""

import datetime as dt
from dataclasses import dataclass

from django.db.models import QuerySet, Sum

from usage.ingest.tags import MAX_KEYS, MAX_VALUES
from usage.models import ApiKey, BatchAlert, TagKey

_SOON = dt.timedelta(days=14)


@dataclass(frozen=True, slots=True)
class TagUse:
    """Tag keys in use of those possible, and the keys with the most values."""

    keys: int
    max_keys: int
    max_values: int
    fullest: list[TagKey]

    @property
    def limited(self) -> list[TagKey]:
        """Keys whose new values go to `_other`."""
        return [key for key in self.fullest if key.limited_at]


def tag_use(*, shown: int = 20) -> TagUse:
    """Count tag keys and their distinct values."""
    fullest = TagKey.objects.order_by("-distinct_values", "key")[:shown]
    return TagUse(TagKey.objects.count(), MAX_KEYS, MAX_VALUES, list(fullest))


def alerts(*, now: dt.datetime, days: int = 30) -> list[tuple[str, str, int]]:
    """Return (code, source, events) of what should not have been sent, most first."""
    rows = BatchAlert.objects.filter(batch__received_at__gt=now - dt.timedelta(days=days))
    counted = rows.values("code", "batch__source__name").annotate(total=Sum("events"))
    return list(
        counted.order_by("-total", "code", "batch__source__name").values_list(
            "code", "batch__source__name", "total"
        )
    )


def exposed_keys(*, now: dt.datetime) -> QuerySet[ApiKey]:
    """Live keys that came in a query string."""
    return ApiKey.objects.live(now).filter(exposed__gt=0).select_related("source").order_by("pk")


def expiring_keys(*, now: dt.datetime) -> list[ApiKey]:
    """Keys that end soon without another live key of their source to take over their scopes."""
    live = list(ApiKey.objects.live(now).select_related("source").order_by("expires_at", "pk"))
    lasting = [key for key in live if key.expires_at is None or key.expires_at > now + _SOON]
    covered = {(key.source_id, scope) for key in lasting for scope in key.scopes}
    return [
        key
        for key in live
        if key not in lasting and any((key.source_id, s) not in covered for s in key.scopes)
    ]
