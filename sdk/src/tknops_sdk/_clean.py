"""What the host passes → plain values the server takes; nothing here keeps a reference to it."""

from __future__ import annotations

import datetime as dt
import enum
import math
import re
import sys
from collections.abc import Iterable, Mapping
from decimal import Decimal
from itertools import islice
from typing import Any, Optional

_MAX_TEXT, _MAX_TAGS, _MAX_KEY, _MAX_VALUE = 200, 32, 64, 256
_NOT_IN_KEYS = re.compile(r"[^a-z0-9_.-]+")
_WORD = re.compile(r"[\w.:/@ -]{1,200}")
_NUMBER = re.compile(r"\d{1,18}(\.\d{1,6})?")
# The only texts a usage object may carry: what sets the price. All else is numbers.
_WORDS = frozenset(
    (
        "service_tier", "serviceTier", "type", "ttl", "modality", "speed", "inference_geo",
        "trafficType", "traffic_type", "model", "modelVersion", "model_version", "latency", "unit",
    )
)  # fmt: skip
_MAX_DEPTH, _MAX_NODES = 6, 500
_MAX_NUMBER = 10**18


def text(value: Any, limit: int = _MAX_TEXT) -> Optional[str]:
    """Return a reference as text, None where it is none; one too long keeps its own digest.

    Only texts, integers, UUIDs and enumerations: any other object's `str` may run the host's code.
    """
    kind = type(value)
    if kind is not str:
        if isinstance(value, enum.Enum):
            value = value.value
        if isinstance(value, bool) or not isinstance(value, (str, int, _uuid())):
            return None
        value = str.__str__(value) if isinstance(value, str) else str(value)
    return _bounded(value, limit)


def _bounded(value: str, limit: int) -> str:
    if len(value) > limit:
        value = _short(value, limit)
    if not (value.isascii() and value.isprintable()):
        value = value.encode("utf-8", "replace").decode().replace("\x00", "")
    return value


def _short(value: str, limit: int) -> str:
    """Shorten a text to its beginning and a digest, however long it is, in bounded time."""
    import hashlib

    said = f"{value[:4096]}|{len(value)}|{value[-1024:]}".encode("utf-8", "replace")
    return f"{value[: limit - 33]}~{hashlib.sha256(said).hexdigest()[:32]}"


def _uuid() -> type:
    """Return the UUID type; who passes one has it imported already."""
    module = sys.modules.get("uuid")
    return module.UUID if module is not None else str


def tags(given: Any) -> dict[str, str]:
    """Return tags within the server's limits: keys of `a-z0-9_.-`, texts of 256 bytes."""
    found: dict[str, str] = {}
    if not isinstance(given, Mapping):
        return found
    for key, value in islice(given.items(), _MAX_NODES):
        if len(found) >= _MAX_TAGS:
            break
        name = _NOT_IN_KEYS.sub("_", text(key, _MAX_KEY).lower()) if text(key) else ""  # type: ignore[union-attr]
        said = _tag_value(value)
        if name and said is not None:
            found[name] = said
    return found


def _tag_value(value: Any) -> Optional[str]:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (float, Decimal)):
        return str(value)[:_MAX_KEY]
    said = text(value, _MAX_VALUE)
    if said is None or said.isascii():
        return said
    return said.encode()[:_MAX_VALUE].decode("utf-8", "ignore")


class Cleaned(dict[str, Any]):
    """A usage that was looked through already."""


def usage(given: Any) -> Optional[dict[str, Any]]:
    """Return a usage object's numbers and the few words that set its price, None if there are none.

    Takes mappings, pydantic models and any object with attributes; what else they hold is not read.
    """
    if type(given) is Cleaned:
        return given
    if type(given) is dict and len(given) <= _MAX_KEY:
        for value in given.values():
            if type(value) is not int or not -_MAX_NUMBER < value < _MAX_NUMBER:
                break
        else:
            return Cleaned({key: value for key, value in given.items() if type(key) is str})
    room = [_MAX_NODES]
    found = _object(given, _MAX_DEPTH, room)
    return Cleaned(found) if found else None


def _object(given: Any, depth: int, room: list[int]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in _items(given):
        room[0] -= 1
        if room[0] < 0:
            break
        if isinstance(key, str) and len(key) <= _MAX_KEY and not key.startswith("_"):
            plain = _value(key, value, depth, room)
            if plain is not None:
                found[key] = plain
    return found


def _items(given: Any) -> Iterable[tuple[Any, Any]]:
    if type(given) is dict:
        return list(islice(given.items(), _MAX_NODES))
    held = getattr(given, "__dict__", None)
    if isinstance(held, dict) and not isinstance(given, Mapping):
        extra = getattr(given, "__pydantic_extra__", None)
        return [*held.items(), *extra.items()] if isinstance(extra, dict) else list(held.items())
    if isinstance(given, Mapping):
        return list(islice(given.items(), _MAX_NODES))
    names = getattr(type(given), "__slots__", ())
    return [(name, getattr(given, name, None)) for name in names if isinstance(name, str)]


def _value(key: str, value: Any, depth: int, room: list[int]) -> Any:
    if type(value) is int:
        return value if -_MAX_NUMBER < value < _MAX_NUMBER else None
    if value is None or isinstance(value, bool):
        return None
    if isinstance(value, enum.Enum):
        value = value.value
    if isinstance(value, (int, float, Decimal)):
        return _number(value)
    if isinstance(value, str):
        return _word(key, str.__str__(value))
    if depth <= 0:
        return None
    if isinstance(value, (list, tuple)):
        return [_object(one, depth - 1, room) for one in value[:100] if not isinstance(one, str)]
    return _object(value, depth - 1, room) or None


def _word(key: str, value: str) -> Optional[str]:
    """Return a text that sets a price, or a number written as one; None for every other."""
    shape = _NUMBER if key == "units" else _WORD if key in _WORDS else None
    return value if shape is not None and shape.fullmatch(value) else None


def _number(value: Any) -> Any:
    if isinstance(value, Decimal):
        return format(value, "f") if value.is_finite() else None
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return int(value) if -_MAX_NUMBER < value < _MAX_NUMBER else None


def cost(given: Any) -> Optional[dict[str, str]]:
    """Return what the provider states, an exact text and a currency; given as any number."""
    currency = "USD"
    if isinstance(given, Mapping):
        currency = text(given.get("currency"), 10) or currency
        given = given.get("amount")
    if isinstance(given, bool) or not isinstance(given, (int, float, str, Decimal)):
        return None
    try:
        amount = Decimal(str(given))
    except ArithmeticError:
        return None
    if not amount.is_finite() or abs(amount.adjusted()) > _MAX_KEY:
        return None
    return {"amount": format(amount, "f"), "currency": currency}


def moment(given: Any) -> Optional[str]:
    """Return an instant as RFC 3339 in UTC; a `datetime` without a zone is local time."""
    if isinstance(given, dt.datetime):
        at = given.astimezone(dt.timezone.utc)
        return at.strftime("%Y-%m-%dT%H:%M:%S.%fZ").rjust(27, "0")
    return text(given, 40) if isinstance(given, str) else None
