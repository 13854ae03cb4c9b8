"""LiteLLM's StandardLoggingPayload (litellm types/utils.py), as its generic API logger posts it.

- The stated cost is what the provider asks: `cost_breakdown.original_cost`, else `response_cost`
  less `margin_total_amount`. LiteLLM's own margin is a price of the proxy's owner, not a cost.
- A cache hit cost nothing and bought no tokens: outcome `cache_hit`, no quantities, cost 0; it
  still counts as a call.
- `end_user` is the user, and the customer too where nothing else names one.
- `messages`, `response`, `error_str` and all else that is not listed here is never decoded.
"""

from decimal import Decimal
from typing import Any

import msgspec
from django.conf import settings

from usage.ingest import Decoded
from usage.ingest.event import Cost, Event
from usage.wires.exact import cost, from_seconds, raw_decimal
from usage.wires.names import is_unique, metadata, references, tags, text
from usage.wires.records import Record, as_usage, decode_records, listed

OPERATIONS = {
    "completion": "chat",
    "responses": "chat",
    "anthropic_messages": "chat",
    "text_completion": "text_completion",
    "embedding": "embeddings",
}
_ABSENT = frozenset((b"", b"null", b"{}"))


class CostBreakdown(msgspec.Struct):
    """Where the cost comes from."""

    original_cost: msgspec.Raw = msgspec.Raw()
    margin_total_amount: msgspec.Raw = msgspec.Raw()
    service_tier: str | None = None
    vertex_location: str | None = None
    data_residency: str | None = None


class Metadata(msgspec.Struct):
    """Who called, by the key's owner and by what the call said."""

    user_api_key_team_id: str | None = None
    user_api_key_team_alias: str | None = None
    user_api_key_user_id: str | None = None
    user_api_key_end_user_id: str | None = None
    requester_metadata: msgspec.Raw = msgspec.Raw()
    spend_logs_metadata: msgspec.Raw = msgspec.Raw()
    usage_object: msgspec.Raw = msgspec.Raw()
    cost_breakdown: CostBreakdown | None = None


class Hidden(msgspec.Struct):
    """The usage object's other place."""

    usage_object: msgspec.Raw = msgspec.Raw()


class Payload(msgspec.Struct):
    """The fields that are read."""

    id: str
    call_type: str | None = None
    response_cost: msgspec.Raw = msgspec.Raw()
    cost_breakdown: CostBreakdown | None = None
    status: str | None = None
    custom_llm_provider: str | None = None
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    total_tokens: int | None = None
    startTime: msgspec.Raw = msgspec.Raw()  # noqa: N815 - as LiteLLM spells it
    model: str | None = None
    metadata: msgspec.Raw = msgspec.Raw()
    cache_hit: bool | None = None
    request_tags: list[str] | None = None
    end_user: str | None = None
    hidden_params: Hidden | None = None


_payload = msgspec.json.Decoder(Payload)
_metadata = msgspec.json.Decoder(Metadata)


def decode_litellm(body: bytes) -> Decoded:
    """Decode one payload or a list of them. Raises BodyError."""
    return decode_records(listed(body), read)


def read(raw: bytes) -> Record:
    """Read one payload. Raises EventError or a MsgspecError."""
    sent = _payload.decode(raw)
    return make(sent, time=from_seconds(sent.startTime))


def make(sent: Payload, *, time: str) -> Record:
    """Make the event of a payload that began at `time`. Raises EventError or a MsgspecError."""
    owner = _metadata.decode(sent.metadata) if bytes(sent.metadata) not in _ABSENT else Metadata()
    breakdown = sent.cost_breakdown or owner.cost_breakdown or CostBreakdown()
    hit = sent.cache_hit is True
    provider, model = _bought(sent)
    outcome = "cache_hit" if hit else _outcome(sent)
    event = Event(
        id=_identity(sent, time, failed=outcome == "error"),
        time=time,
        provider=provider,
        model=model,
        usage=msgspec.Raw() if hit else _usage(sent, owner),
        usage_format="litellm",
        operation=_operation(text(sent.call_type)) or None,
        outcome=outcome,
        service_tier=breakdown.service_tier,
        region=breakdown.vertex_location or breakdown.data_residency,
        cost=cost(Decimal(0)) if hit else _cost(sent, breakdown),
        **_who(sent, owner),
    )
    return Record(event)


def _identity(sent: Payload, time: str, *, failed: bool) -> str:
    """Name the call: by its response, or where that is none of its own, with its start.

    All attempts that failed carry the id of the request they were made for (litellm#35563), and
    some servers reuse short ids (litellm#28376).
    """
    if sent.id.strip() and (failed or not is_unique(sent.id)):
        return f"{sent.id}/{time}"
    return sent.id


def _bought(sent: Payload) -> tuple[str, str]:
    """Return provider and model; LiteLLM writes either in front of the model's name."""
    model = text(sent.model)
    provider = text(sent.custom_llm_provider)
    head, separator, tail = model.partition("/")
    if separator and (not provider or head == provider):
        provider, model = head, tail
    return provider or settings.PROVIDER_NOT_SAID, model


def _usage(sent: Payload, owner: Metadata) -> msgspec.Raw:
    for place in (owner, sent.hidden_params):
        if place is not None and b'"prompt_tokens"' in bytes(place.usage_object):
            return place.usage_object
    return as_usage({
        "prompt_tokens": sent.prompt_tokens,
        "completion_tokens": sent.completion_tokens,
        "total_tokens": sent.total_tokens,
    })  # fmt: skip


def _operation(call_type: str) -> str:
    """Drop the `a` of the asynchronous twin."""
    return OPERATIONS.get(call_type, OPERATIONS.get(call_type.removeprefix("a"), call_type))


def _outcome(sent: Payload) -> str | None:
    return "error" if text(sent.status).lower() in {"failure", "error"} else None


def _cost(sent: Payload, breakdown: CostBreakdown) -> Cost | None:
    original = raw_decimal(breakdown.original_cost)
    if original is not None:
        return cost(original)
    charged = raw_decimal(sent.response_cost)
    if charged is None:
        return None
    return cost(charged - (raw_decimal(breakdown.margin_total_amount) or 0))


def _who(sent: Payload, owner: Metadata) -> dict[str, Any]:
    said = [
        metadata(bytes(raw))
        for raw in (owner.requester_metadata, owner.spend_logs_metadata, sent.metadata)
        if bytes(raw) not in _ABSENT
    ]
    tagged = dict(tag.split(":", 1) for tag in sent.request_tags or () if ":" in tag)
    said.append({name.strip(): value.strip() for name, value in tagged.items()})
    end_user = sent.end_user or owner.user_api_key_end_user_id
    key = {
        "customer": end_user,
        "user": end_user or owner.user_api_key_user_id,
        "team": owner.user_api_key_team_alias or owner.user_api_key_team_id,
    }
    named = {name: value for name, value in key.items() if value}
    return {**named, **references(*said), "tags": tags(*said)}
