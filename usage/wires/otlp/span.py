"""One inference span → an event, with the identity of the span."""

from decimal import Decimal
from hashlib import blake2b
from typing import Any

from django.conf import settings

from usage.ingest.event import Cost, Event
from usage.ingest.identity import timed_key
from usage.models import UsageEvent
from usage.wires.exact import cost, decimal, from_nanoseconds
from usage.wires.names import metadata, references, tags, text
from usage.wires.otlp.encodings import integer
from usage.wires.otlp.picking import Found
from usage.wires.otlp.table import OPERATIONS, QUANTITIES
from usage.wires.records import Record, as_usage

ERROR = 2
_CALLS = frozenset(
    ("chat", "text_completion", "generate_content", "embeddings", "llm", "embedding", "completion")
)


def is_call(operation: str) -> bool:
    """Tell whether an operation or kind, in lower case, certainly calls a model."""
    return operation in _CALLS


def record(span: Any, *, trace: bytes, own: bytes, found: Found) -> Record:
    """Make the event of a span. Raises EventError."""
    start = integer(span.start_time_unix_nano)
    named = metadata(found["metadata"]) if isinstance(found.get("metadata"), str) else {}
    operation = text(found.get("operation")).lower()
    event = Event(
        id=f"{trace.hex()}/{own.hex()}",
        time=from_nanoseconds(start),
        provider=text(found.get("provider")) or settings.PROVIDER_NOT_SAID,
        model=text(found.get("model")),
        usage=as_usage({name: _count(found[name]) for name in QUANTITIES & found.keys()}),
        usage_format="otel",
        environment=text(found.get("environment")) or None,
        service_tier=text(found.get("service_tier")) or None,
        operation=OPERATIONS.get(operation, operation) or None,
        outcome="error" if span.status is not None and span.status.code == ERROR else None,
        tags=_tags(found, named),
        cost=_cost(found.get("cost")),
        **references(found, named),
    )
    ended_before = integer(span.end_time_unix_nano) < start
    return Record(
        event,
        key=timed_key(start // 10**6, blake2b(trace + own, digest_size=10).digest()),
        flags=UsageEvent.Flag.TIME_MISMATCH if ended_before else 0,
    )


def _count(value: Any) -> Any:
    """Read a whole double as the integer it is; anything else is left to the adapter."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else str(value)
    return value


def _cost(value: Any) -> Cost | None:
    if value is None or isinstance(value, bool):
        return None
    return cost(value if isinstance(value, Decimal) else decimal(str(value)))


def _tags(found: Found, named: dict[str, Any]) -> dict[str, str] | None:
    said = tags(found, named) or {}
    service = text(found.get("service"))
    return {"service.name": service, **said} if service else said or None
