"""Lay a refused version of an event beside the one that stands."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from usage.models import Conflict, UsageEvent
from usage.tokens import QUANTITIES

_CONTEXT = {
    "customer": "customer_reference",
    "feature": "feature_reference",
    "team": "team_reference",
    "environment": "environment",
    "operation": "operation",
    "outcome": "outcome",
    "tags": "tags",
}


@dataclass(frozen=True, slots=True)
class Compared:
    """The stored lines in the words of a native event, the refused fields, and what differs."""

    stored: list[dict[str, Any]]
    refused: dict[str, Any]
    differs: list[str]


def compare(conflict: Conflict) -> Compared:
    """Return both versions; fields that cannot be compared word by word count as different."""
    lines = (
        UsageEvent.objects.filter(key=conflict.key, source_id=conflict.source_id)
        .select_related("context__sku", "context__user_reference")
        .order_by("line")
    )
    stored = [_native(line) for line in lines]
    first = stored[0] if stored else {}
    refused = conflict.fields
    names = sorted((first.keys() | refused.keys()) - {"id"})
    return Compared(stored, refused, [n for n in names if not _same(first.get(n), refused.get(n))])


def _same(stored: Any, refused: Any) -> bool:
    """Compare values; times as instants, whatever their offset."""
    if stored == refused:
        return True
    try:
        return dt.datetime.fromisoformat(stored) == dt.datetime.fromisoformat(refused)
    except (TypeError, ValueError):
        return False


def _native(line: UsageEvent) -> dict[str, Any]:
    context = line.context
    found: dict[str, Any] = {
        "time": line.time_text or f"{line.occurred_at:%Y-%m-%dT%H:%M:%S.%f}Z",
        "provider": context.sku.provider_code,
        "model": context.sku.model,
        "service_tier": context.sku.service_tier,
        "region": context.sku.region,
        "user": str(context.user_reference or ""),
        **{name: getattr(context, column) for name, column in _CONTEXT.items()},
        "usage": {name: n for name in QUANTITIES if (n := getattr(line, name))},
    }
    if line.stated_cost is not None:
        cost = f"{line.stated_cost.normalize():f}"
        found["cost"] = {"amount": cost, "currency": line.stated_currency}
    if found["outcome"] == "ok":
        del found["outcome"]
    return {name: value for name, value in found.items() if value}
