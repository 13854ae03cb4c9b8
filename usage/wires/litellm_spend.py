"""LiteLLM's table LiteLLM_SpendLogs (schema.prisma), exported as CSV or JSON lines.

`request_id` is the identity, `spend` the cost with margin; times are UTC. The columns
messages, response and proxy_server_request are never decoded.
"""

from typing import Any

import msgspec

from usage.ingest import EventError
from usage.wires.exact import in_utc
from usage.wires.litellm import Payload, make
from usage.wires.records import Record, unwrapped


class SpendLog(msgspec.Struct):
    """The columns that are read; a CSV cell is always a text."""

    request_id: str
    startTime: str | None = None  # noqa: N815 - as the table spells it
    call_type: str | None = None
    spend: msgspec.Raw = msgspec.Raw()
    prompt_tokens: int | str | None = None
    completion_tokens: int | str | None = None
    total_tokens: int | str | None = None
    model: str | None = None
    custom_llm_provider: str | None = None
    cache_hit: str | bool | None = None
    end_user: str | None = None
    status: str | None = None
    metadata: msgspec.Raw = msgspec.Raw()
    request_tags: msgspec.Raw = msgspec.Raw()
    user: str | None = None
    team_id: str | None = None


_row = msgspec.json.Decoder(SpendLog)


def read(raw: bytes) -> Record:
    """Read one row. Raises EventError or a MsgspecError."""
    row = _row.decode(raw)
    if not row.startTime:
        raise EventError("timestamp_missing", "/time")
    sent = Payload(
        id=row.request_id,
        call_type=row.call_type,
        response_cost=row.spend,
        status=row.status,
        custom_llm_provider=row.custom_llm_provider,
        prompt_tokens=_count(row.prompt_tokens),
        completion_tokens=_count(row.completion_tokens),
        total_tokens=_count(row.total_tokens),
        model=row.model,
        metadata=msgspec.Raw(unwrapped(row.metadata)),
        cache_hit=str(row.cache_hit).lower() == "true",
        request_tags=_tags(row.request_tags),
        end_user=row.end_user or None,
    )
    record = make(sent, time=in_utc(row.startTime))
    event = record.event
    event.user = event.user or row.user or None
    event.team = event.team or row.team_id or None
    return record


def _tags(raw: msgspec.Raw) -> list[str] | None:
    inner = unwrapped(raw)
    if not inner.startswith(b"["):
        return None
    tags: list[Any] = msgspec.json.decode(inner)
    return [tag for tag in tags if isinstance(tag, str)]


def _count(value: int | str | None) -> int | None:
    if isinstance(value, str):
        if not (value.isascii() and value.isdigit() and len(value) <= 15):
            raise EventError("not_integer", "/usage")
        return int(value)
    return value
