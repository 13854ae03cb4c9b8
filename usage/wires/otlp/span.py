"""One inference span → an event, with the identity of the span."""

from decimal import Decimal
from hashlib import blake2b
from typing import Any

import msgspec
from django.conf import settings

from usage.ingest.event import Cost, Event
from usage.ingest.identity import timed_key
from usage.models import UsageEvent
from usage.wires.exact import cost, decimal, from_nanoseconds
from usage.wires.names import metadata, references, tags, text
from usage.wires.otlp.encodings import integer
from usage.wires.otlp.picking import Found
from usage.wires.otlp.table import OPERATIONS, QUANTITIES
from usage.wires.otlp.twins import Told
from usage.wires.records import Record, as_usage


class Parameters(msgspec.Struct):
    """Of a call's parameters, all that is read."""

    model: str | None = None


ERROR = 2
_parameters = msgspec.json.Decoder(Parameters)
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
        model=_model(found),
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


def told(span: Any, *, index: int, scope: str, found: Found, event: Event) -> Told:
    """Make what is compared with other spans to find those of the same call."""
    given, made = (_count(found.get(name)) for name in ("input_tokens", "output_tokens"))
    return Told(
        index=index,
        scope=scope,
        start=integer(span.start_time_unix_nano),
        end=integer(span.end_time_unix_nano),
        response=text(found.get("response")),
        asked=event.model.lower() if event.outcome == "error" and not (given or made) else "",
        given=given if isinstance(given, int) else 0,
        made=made if isinstance(made, int) else 0,
    )


def _model(found: Found) -> str:
    """Name the model; of a call that failed OpenInference says it only among the parameters."""
    if name := text(found.get("model")):
        return name
    try:
        return text(_parameters.decode(text(found.get("parameters"))).model)
    except (msgspec.MsgspecError, RecursionError):
        return ""


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
