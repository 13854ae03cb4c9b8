"""Say what exactly is wrong with an event that did not decode."""

from typing import Any

import msgspec

from usage.ingest.errors import EventError
from usage.ingest.event import Usage
from usage.ingest.lengths import LIMITS, too_long
from usage.tokens import MAX_QUANTITY, QUANTITIES

_MAX_ID = 200


def diagnose(found: dict[str, msgspec.Raw]) -> EventError | None:
    """Return the specific code for a raw event, or None if only its type is known to be wrong."""
    values = {name: msgspec.json.decode(bytes(raw)) for name, raw in found.items()}
    return _identity(values) or _time(values) or _tags(values) or _long(values)


def _identity(values: dict[str, Any]) -> EventError | None:
    identity = values.get("id")
    if not isinstance(identity, str):
        return EventError("id_missing", "/id")
    return EventError("id_too_long", "/id") if len(identity) > _MAX_ID else None


def _time(values: dict[str, Any]) -> EventError | None:
    if values.get("time") is None:
        return EventError("timestamp_missing", "/time")
    if not isinstance(values["time"], str):
        detail = "`time` is RFC 3339 text; give epochs as such a text too."
        return EventError("timestamp_format", "/time", detail)
    return None


def _tags(values: dict[str, Any]) -> EventError | None:
    tags = values.get("tags")
    if isinstance(tags, dict) and not all(isinstance(value, str) for value in tags.values()):
        return EventError("tag_value", "/tags")
    return None


def _long(values: dict[str, Any]) -> EventError | None:
    for name, limit in LIMITS:
        value = values.get(name)
        if isinstance(value, str) and len(value) > limit:
            return too_long(name)
    return None


def diagnose_usage(raw: bytes) -> EventError:
    """Return the specific code for a canonical `usage` that did not decode."""
    try:
        usage = msgspec.json.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return EventError("out_of_range", "/usage")
    if not isinstance(usage, dict):
        return EventError("wrong_type", "/usage", "`usage` is an object.")
    for name, value in usage.items():
        if name not in Usage.__struct_fields__:
            known = ", ".join(QUANTITIES)
            detail = f"`usage` has a field that is no token class; accepted: {known}."
            return EventError("unknown_quantity", "/usage", detail)
        if name not in {"unit", "units"} and (error := _count(name, value)):
            return error
    return EventError("wrong_type", "/usage")


def _count(name: str, value: object) -> EventError | None:
    pointer = f"/usage/{name}"
    if isinstance(value, bool) or not isinstance(value, int):
        return EventError("not_integer", pointer)
    if value < 0:
        return EventError("negative_tokens", pointer)
    return EventError("out_of_range", pointer) if value > MAX_QUANTITY else None
