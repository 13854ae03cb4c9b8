"""Keep a rejected event so that it can be mended: allow-listed fields, never free text in them."""

import re
from collections.abc import Iterable
from typing import Any

import msgspec

from usage.ingest.decoded import Rejected
from usage.ingest.event import FIELDS, Line
from usage.models import Quarantined

_NUMBER = re.compile(r"[0-9.eE+-]{1,40}")
_TIME = re.compile(r"[0-9TtZz:.+ -]{1,40}")
_WORD = re.compile(r"[A-Za-z0-9_.]{1,20}")
_TAG_KEY = re.compile(r"[a-z0-9_.-]{1,64}")
_MAX_TEXT, _MAX_TAG = 200, 256
_LINE = frozenset(Line.__struct_fields__)
# A JSON fraction stays the text it is: no float comes near an amount.
_plain = msgspec.json.Decoder(float_hook=str)


def quarantine(batch_id: int, rejected: Iterable[Rejected]) -> dict[int, int]:
    """Store rejected events and return their row ids by index."""
    rows = Quarantined.objects.bulk_create(
        [
            Quarantined(
                batch_id=batch_id,
                index=one.index,
                code=one.error.code,
                pointer=one.error.pointer,
                detail=one.error.detail,
                fields=_storable(one.fields),
                removed=_storable(one.removed),
                sha256=one.sha256,
            )
            for one in rejected
        ]
    )
    return {row.index: row.pk for row in rows}


def safe_fields(fields: dict[str, Any]) -> dict[str, Any]:
    """Keep of an event's fields what their meaning allows; text in a place of numbers goes."""
    return _safe({name: value for name, value in fields.items() if name in FIELDS})


def readable(raw: bytes) -> Any:
    """Decode JSON with its fractions as text; None where it cannot be decoded."""
    try:
        return _plain.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, ValueError):
        return None


def _safe(fields: dict[str, Any]) -> dict[str, Any]:
    found = {}
    for name, value in fields.items():
        kept = _KEPT.get(name, _text)(value)
        if kept is not None:
            found[name] = kept
    return found


def _text(value: Any) -> Any:
    return value if isinstance(value, str) and len(value) <= _MAX_TEXT else None


def _time(value: Any) -> Any:
    if isinstance(value, str):
        return value if _TIME.fullmatch(value) else None
    return _numbers(value)


def _numbers(value: Any) -> Any:
    """Keep numbers, numeric texts and one-word values, at any depth."""
    if isinstance(value, dict):
        kept = {str(name)[:64]: _numbers(inner) for name, inner in value.items()}
        return {name: inner for name, inner in kept.items() if inner is not None}
    if isinstance(value, list):
        return [inner for inner in map(_numbers, value) if inner is not None]
    if isinstance(value, str):
        return value if _NUMBER.fullmatch(value) else None
    return value


def _usage(value: Any) -> Any:
    kept = _numbers(value)
    unit = value.get("unit") if isinstance(value, dict) else None
    if isinstance(unit, str) and _WORD.fullmatch(unit):
        kept["unit"] = unit
    return kept


def _cost(value: Any) -> Any:
    if not isinstance(value, dict):
        return None
    kept = {"amount": _numbers(value.get("amount"))}
    currency = value.get("currency")
    if isinstance(currency, str) and len(currency) <= 3:
        kept["currency"] = currency
    return kept


def _tags(value: Any) -> Any:
    if not isinstance(value, dict):
        return None
    return {
        key: text
        for key, text in value.items()
        if _TAG_KEY.fullmatch(key) and isinstance(text, str) and len(text) <= _MAX_TAG
    }


def _lines(value: Any) -> Any:
    if not isinstance(value, list):
        return None
    lines = [line for line in value if isinstance(line, dict)]
    return [_safe({name: line[name] for name in _LINE & line.keys()}) for line in lines]


_KEPT = {"time": _time, "usage": _usage, "cost": _cost, "tags": _tags, "lines": _lines}


def _storable(fields: Any) -> Any:
    """Spell NUL, which PostgreSQL cannot hold, as its picture."""
    return msgspec.json.decode(msgspec.json.encode(fields).replace(b"\\u0000", "␀".encode()))
