"""Portkey's log export (JSON lines): units are tokens, `cost` is in cents."""

from typing import Any

import msgspec

from usage.ingest.event import Event
from usage.wires.exact import cost, in_utc, raw_decimal
from usage.wires.names import metadata, references, tags
from usage.wires.records import Record, as_usage, cell, columns, figure

_CENTS = -2
_FAILED = 400
_HITS = frozenset(("HIT", "SEMANTIC HIT"))


class _Pairs(msgspec.Struct):
    """Metadata as parallel arrays, as the blob metric files write it."""

    key: list[str]
    value: list[Any]


def read(raw: bytes) -> Record:
    """Read one log. Raises EventError or a MsgspecError."""
    row = columns(raw)
    said = _metadata(row.get("metadata", b"{}"))
    hit = cell(row, "cachestatus").upper() in _HITS
    amount = raw_decimal(msgspec.Raw(row.get("cost", b"")))
    usage = {
        "prompt_tokens": figure(row, "requnits"),
        "completion_tokens": figure(row, "resunits"),
        "total_tokens": figure(row, "totalunits"),
    }
    event = Event(
        id=cell(row, "id"),
        time=in_utc(cell(row, "createdat")),
        provider=cell(row, "aiorg"),
        model=cell(row, "aimodel"),
        usage=msgspec.Raw() if hit else as_usage(usage),
        usage_format="openai.chat",
        outcome="cache_hit" if hit else _outcome(row),
        environment=said.get("_environment") or None,
        tags=tags(said),
        cost=None if amount is None else cost(
            amount.scaleb(_CENTS), cell(row, "costcurrency") or "USD"
        ),
        **references(said),
    )  # fmt: skip
    return Record(event)


def _outcome(row: dict[str, bytes]) -> str | None:
    status = figure(row, "responsestatuscode")
    return "error" if status is not None and status >= _FAILED else None


def _metadata(raw: bytes) -> dict[str, Any]:
    try:
        pairs = msgspec.json.decode(raw, type=_Pairs)
    except msgspec.MsgspecError:
        return metadata(raw)
    return metadata(msgspec.json.encode(dict(zip(pairs.key, pairs.value, strict=False))))
