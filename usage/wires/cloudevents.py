"""CloudEvents 1.0, as OpenMeter and LiteLLM's callback for it send usage.

An event carries one type of tokens (`data.type`, `data.tokens`) or both counts
(`data.prompt_tokens`, `data.completion_tokens`, `data.cost`); figures may be numeric texts.
(source, id) is the identity, as the specification has it; `subject` is the customer.
"""

from typing import Any

import msgspec
from django.conf import settings

from usage.ingest import Decoded, EventError
from usage.ingest.event import Cost, Event
from usage.ingest.identity import composed_key
from usage.wires.exact import cost, raw_decimal
from usage.wires.names import metadata, references, tags, text
from usage.wires.records import Record, as_usage, decode_records, listed

_VERSION = "1.0"
_MAX_IDENTITY = 200
# OpenMeter's token types → canonical classes.
_TYPES = {
    "input": "input_tokens",
    "prompt": "input_tokens",
    "system": "input_tokens",
    "output": "output_tokens",
    "completion": "output_tokens",
    "cached_input": "cache_read_tokens",
    "cache_read": "cache_read_tokens",
    "cache_write": "cache_write_tokens",
}


class CloudEvent(msgspec.Struct):
    """The attributes that are read; extensions are not."""

    specversion: str = ""
    id: str = ""
    source: str = ""
    type: str = ""
    subject: str | None = None
    time: str | None = None
    data: msgspec.Raw = msgspec.Raw()


class Data(msgspec.Struct):
    """The members of `data` that are read."""

    model: str | None = None
    provider: str | None = None
    type: str | None = None
    tokens: int | str | None = None
    prompt_tokens: int | str | None = None
    completion_tokens: int | str | None = None
    cost: msgspec.Raw = msgspec.Raw()


_event = msgspec.json.Decoder(CloudEvent)
_data = msgspec.json.Decoder(Data)


def decode_cloudevents(body: bytes) -> Decoded:
    """Decode one CloudEvent or a batch. Raises BodyError."""
    return decode_records(listed(body), read)


def read(raw: bytes) -> Record:
    """Read one. Raises EventError or a MsgspecError."""
    sent = _event.decode(raw)
    _check(sent)
    payload = bytes(sent.data) or b"{}"
    data = _data.decode(payload)
    said = metadata(payload)
    who = references(said)
    customer = who.pop("customer", None) or sent.subject
    event = Event(
        id=sent.id,
        time=sent.time or "",
        provider=data.provider or settings.PROVIDER_NOT_SAID,
        model=data.model or "",
        cost=_cost(data),
        customer=customer,
        tags=tags(said),
        **_usage(data),
        **who,
    )
    return Record(event, key=composed_key(sent.source, sent.id))


def _check(sent: CloudEvent) -> None:
    if sent.specversion != _VERSION:
        raise EventError("missing_field", "/specversion", "`specversion` is 1.0.")
    if not sent.source.strip():
        raise EventError("missing_field", "/source", "`source` must not be empty.")
    if not sent.type.strip():
        raise EventError("missing_field", "/type", "`type` must not be empty.")
    if len(sent.source) > _MAX_IDENTITY:
        raise EventError("too_long", "/source")
    if not (sent.time or "").strip():
        raise EventError("timestamp_missing", "/time")


def _usage(data: Data) -> dict[str, Any]:
    if data.tokens is None:
        counts = {
            "prompt_tokens": _count(data.prompt_tokens, "prompt_tokens"),
            "completion_tokens": _count(data.completion_tokens, "completion_tokens"),
        }
        return {"usage": as_usage(counts), "usage_format": "litellm"}
    kind = _TYPES.get(text(data.type).lower())
    if kind is None:
        detail = f"`data.type` is one of {', '.join(_TYPES)}."
        raise EventError("unknown_quantity", "/data/type", detail)
    return {"usage": as_usage({kind: _count(data.tokens, "tokens")})}


def _count(value: int | str | None, name: str) -> int | None:
    """Read a count that may be a numeric text."""
    if isinstance(value, str):
        if not (value.isascii() and value.isdigit() and len(value) <= 15):
            raise EventError("not_integer", f"/data/{name}")
        return int(value)
    return value


def _cost(data: Data) -> Cost | None:
    return cost(raw_decimal(data.cost))
