"""A call → the bytes of a native event, made at the call: what the host changes later is its own.

Most calls of a process differ in id, time, usage and attribution only; what is said of the call
itself is put into words once, an attribution once per frame.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from typing import Any, Optional

from tknops_sdk import _clean
from tknops_sdk._attribution import Frame, merged, said
from tknops_sdk._identity import Identity

_encoder = json.JSONEncoder(separators=(",", ":"), check_circular=False, allow_nan=False)
_quote = json.encoder.encode_basestring_ascii
_MEMO_LIMIT = 256
_known: dict[tuple[Any, ...], str] = {}
# The keys of usage objects met, as JSON; few, since they are field names.
_keys: dict[str, str] = {}
# The limits of the server's native event.
_LIMITS = {
    "provider": 100, "model": 200, "usage_format": 40, "operation": 100, "outcome": 50,
    "service_tier": 50, "region": 50,
}  # fmt: skip
# A call that succeeded and states no usage is sent as one request: it shows up as unpriced.
UNSTATED = {"units": 1, "unit": "request"}
_SECOND = 1_000_000_000
_known_second: tuple[int, str] = (-1, "")


class InvalidCallError(ValueError):
    """What was passed names no call: there is no provider or no model."""


def encode(
    identity: Identity,
    frame: Frame,
    *,
    environment: Optional[str],
    said_of_call: tuple[Any, ...],
    usage: Any,
    more: Mapping[str, Any],
) -> bytes:
    """Return the event. Raises InvalidCallError.

    `said_of_call` is (provider, model, usage_format, operation, outcome, service_tier, region);
    `more` holds what is rare: attribution of this call alone, id, time, cost, lines.
    """
    cleaned = _clean.usage(usage) if usage is not None else None
    lines = _lines(more["lines"]) if more.get("lines") else None
    if cleaned is None and lines is None and said_of_call[4] in {None, "ok"}:
        cleaned = UNSTATED
        said_of_call = (*said_of_call[:2], None, *said_of_call[3:])
    if more:
        shared = _shared(said_of_call, more, lines) + _whose(frame, environment, more)
    else:
        shared = _of_call(said_of_call) + _whose(frame, environment, None)
    now = time.time_ns()
    name = more.get("id") and _clean.text(more["id"])
    at = more.get("time") and _clean.moment(more["time"])
    tail = "" if cleaned is None or lines is not None else f',"usage":{_encode(cleaned)}'
    made = f'{{"id":{_quote(name)}' if name else f'{{"id":"{identity.next(now)}"'
    return f'{made},"time":"{at or _written(now)}",{shared}{tail}}}'.encode()


def _of_call(said_of_call: tuple[Any, ...]) -> str:
    """Return what `_shared` does; what few calls differ in is put into words once."""
    try:
        shared = _known.get(said_of_call)
    except Exception:  # what cannot be hashed is cleaned like everything else
        shared = None
    if shared is None:
        shared = _shared(said_of_call, {}, None)
        if all(part is None or type(part) is str for part in said_of_call):
            if len(_known) >= _MEMO_LIMIT:
                _known.clear()
            _known[said_of_call] = shared
    return shared


def _whose(frame: Frame, environment: Optional[str], more: Optional[Mapping[str, Any]]) -> str:
    """Return the attribution as JSON, with a comma in front; a frame's own is kept with it."""
    if more is None:
        fields = frame.fields
        written = frame.written
        if written is None:
            written = frame.written = _fields(fields)
    else:
        fields = merged(frame.fields, said(more))
        written = _fields(fields)
    if environment and "environment" not in fields:
        written = f'{written},"environment":{_quote(environment)}'
    return written


def _fields(fields: Mapping[str, Any]) -> str:
    parts = [
        f',"{name}":{_quote(value) if type(value) is str else _encoder.encode(value)}'
        for name, value in fields.items()
        if value
    ]
    return "".join(parts)


def _encode(value: Mapping[str, Any]) -> str:
    """Return a usage as JSON: integers and short words, put together by hand."""
    parts = []
    for key, inner in value.items():
        kind = type(inner)
        name = _keys.get(key) or _key(key)
        if kind is int:
            parts.append(f"{name}{inner}")
        elif kind is dict:
            parts.append(f"{name}{_encode(inner)}")
        else:
            parts.append(f"{name}{_encoder.encode(inner)}")
    return f"{{{','.join(parts)}}}"


def _key(key: str) -> str:
    """Return a key as JSON with its colon; field names are few, so they are remembered."""
    written = f"{_quote(key)}:"
    if len(_keys) < _MEMO_LIMIT:
        _keys[key] = written
    return written


def _shared(
    said_of_call: tuple[Any, ...], more: Mapping[str, Any], lines: Optional[list[dict[str, Any]]]
) -> str:
    """Return what is said of the call itself as JSON without braces. Raises InvalidCallError."""
    found: dict[str, Any] = {}
    for (name, limit), value in zip(_LIMITS.items(), said_of_call):
        cleaned = None if value is None else _clean.text(value, limit)
        if cleaned and cleaned.strip():
            found[name] = cleaned
    if lines is not None:
        for name in ("provider", "model", "usage_format"):
            found.pop(name, None)
        found["lines"] = lines
    elif "provider" not in found or "model" not in found:
        raise InvalidCallError
    stated = _clean.cost(more["cost"]) if more.get("cost") is not None else None
    if stated is not None and lines is None:
        found["cost"] = stated
    return _encoder.encode(found)[1:-1]


def _lines(given: Any) -> Optional[list[dict[str, Any]]]:
    if not isinstance(given, Sequence) or isinstance(given, (str, bytes)):
        return None
    lines = []
    for one in given[:100]:
        if not isinstance(one, Mapping):
            continue
        line: dict[str, Any] = {"usage": _clean.usage(one.get("usage")) or UNSTATED}
        for name in ("provider", "model", "usage_format", "service_tier", "region"):
            cleaned = _clean.text(one.get(name), _LIMITS[name])
            if cleaned:
                line[name] = cleaned
        stated = _clean.cost(one["cost"]) if one.get("cost") is not None else None
        if stated is not None:
            line["cost"] = stated
        if line.get("provider") and line.get("model"):
            lines.append(line)
    return lines or None


def _written(nanoseconds: int) -> str:
    """Write an instant in UTC; the text up to the second is made once a second."""
    global _known_second
    second, rest = divmod(nanoseconds, _SECOND)
    known, prefix = _known_second
    if known != second:
        prefix = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(second))
        _known_second = (second, prefix)
    return f"{prefix}.{rest // 1000:06d}Z"
