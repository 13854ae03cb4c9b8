"""Langfuse's export of observations (JSON lines, CSV): generations and embeddings.

`usageDetails` is exclusive by convention; the legacy `usage` is read where it is absent. Both
spellings of the columns are (camelCase of the API, snake_case of the tables). No provider is
said: give one with --set provider=….
"""

from decimal import Decimal
from typing import Any

import msgspec
from django.conf import settings

from usage.ingest import EventError
from usage.ingest.event import Cost, Event
from usage.wires.exact import cost, in_utc, raw_decimal
from usage.wires.names import metadata, references, tags
from usage.wires.records import NotACallError, Record, as_usage, cell, columns, unwrapped

_CALLS = frozenset(("", "GENERATION", "EMBEDDING"))
_EMPTY = frozenset((b"", b"null", b"{}"))


class _Legacy(msgspec.Struct, rename="camel"):
    """The usage of before 2024-12: either spelling of the counts."""

    input: int | None = None
    output: int | None = None
    total: int | None = None
    unit: str | None = None
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    total_tokens: int | None = None
    total_cost: msgspec.Raw = msgspec.Raw()


def read(raw: bytes) -> Record:
    """Read one observation. Raises EventError, NotACallError or a MsgspecError."""
    row = columns(raw)
    kind = cell(row, "type").upper()
    if kind not in _CALLS:
        raise NotACallError("not_inference")
    legacy = _legacy(row)
    said = metadata(unwrapped(row.get("metadata", b"{}")))
    person = cell(row, "userid")
    event = Event(
        id=cell(row, "id"),
        time=in_utc(cell(row, "starttime")),
        provider=cell(row, "provider") or settings.PROVIDER_NOT_SAID,
        model=cell(row, "model", "providedmodelname"),
        usage=_usage(row, legacy),
        usage_format="langfuse",
        environment=cell(row, "environment") or None,
        operation="embeddings" if kind == "EMBEDDING" else "chat",
        outcome="error" if cell(row, "level").upper() == "ERROR" else None,
        tags=tags(said),
        cost=_cost(row, legacy),
        **({"user": person} if person else {}) | references(said),
    )
    return Record(event)


def _legacy(row: dict[str, bytes]) -> _Legacy:
    sent = unwrapped(row.get("usage", b""))
    legacy = _Legacy() if sent in _EMPTY else msgspec.json.decode(sent, type=_Legacy)
    if (legacy.unit or "TOKENS").upper() != "TOKENS":
        raise EventError("unknown_unit", "/usage/unit")
    return legacy


def _usage(row: dict[str, bytes], legacy: _Legacy) -> msgspec.Raw:
    details = unwrapped(row.get("usagedetails", row.get("providedusagedetails", b"")))
    if details not in _EMPTY:
        # A CSV of the tables may hold the counts as texts.
        return as_usage(msgspec.json.decode(details, type=dict[str, int], strict=False))
    counts: dict[str, Any] = {
        "input": legacy.input if legacy.input is not None else legacy.prompt_tokens,
        "output": legacy.output if legacy.output is not None else legacy.completion_tokens,
        "total": legacy.total if legacy.total is not None else legacy.total_tokens,
    }
    return as_usage(counts)


def _cost(row: dict[str, bytes], legacy: _Legacy) -> Cost | None:
    details = unwrapped(row.get("costdetails", row.get("providedcostdetails", b"")))
    if details not in _EMPTY:
        parts = msgspec.json.decode(details, type=dict[str, msgspec.Raw])
        if "total" in parts:
            return cost(raw_decimal(parts["total"]))
        return cost(sum((raw_decimal(part) or Decimal(0) for part in parts.values()), Decimal(0)))
    said = row.get("totalcost", row.get("calculatedtotalcost"))
    return cost(raw_decimal(msgspec.Raw(said) if said else legacy.total_cost))
