"""The fields of a refused event that may be kept to look at: numbers, names and short texts.

The allow-list of names is not enough, since a wrong value may be anything: a text in `usage`,
an object in a tag, a prompt for a model. What goes leaves its name.
"""

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from usage.ingest.event import FIELDS, Cost, Event, Line
from usage.privacy import REDACTED, is_secret, stored_user

_MAX_TEXT, _MAX_KEY, _MAX_TAG = 200, 64, 256
_NUMBER_LIKE = re.compile(r"[\d.,eE+ $€£-]{1,40}")
_WORD = re.compile(r"[\w.$€£-]{1,20}")
_FORMAT = re.compile(r"[\w.-]{1,40}")
_LINE = frozenset(Line.__struct_fields__)
_COST = frozenset(Cost.__struct_fields__)
# A fraction stays the text it was: no float may stand between a cost and its replay.
_texts = msgspec.json.Decoder(float_hook=str)


def plain(raw: bytes) -> Any:
    """Decode JSON to plain values, fractions as texts. Raises msgspec.MsgspecError."""
    return _texts.decode(raw)


def readable(raw: bytes) -> Any:
    """Decode JSON as `plain` does; None where it cannot be decoded."""
    try:
        return plain(raw)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None


def sent_fields(event: Event) -> dict[str, Any]:
    """Return the fields an event came with, as plain values."""
    given = {
        name: value
        for name, value in msgspec.structs.asdict(event).items()
        if value is not None and value != msgspec.Raw()
    }
    found: dict[str, Any] | None = readable(msgspec.json.encode(given))
    return found or {name: given[name] for name in given.keys() & {"id", "time", "model"}}


def scrub(fields: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """Return what may be kept, and the names of what was taken out; both fit PostgreSQL."""
    removed: list[str] = []
    return storable(_fields(fields, FIELDS, "", removed)), storable(removed)


def storable(value: Any) -> Any:
    """Spell NUL, which PostgreSQL cannot hold, as its picture, at any depth."""
    if isinstance(value, str):
        return value.replace("\x00", "␀")
    if isinstance(value, dict):
        return {storable(key): storable(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [storable(inner) for inner in value]
    return value


def _fields(
    found: Mapping[str, Any], allowed: frozenset[str], path: str, removed: list[str]
) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    for name, value in found.items():
        if name in allowed and _keeps(name, value):
            kept[name] = _value(name, value, path + name, removed)
        else:
            removed.append(f"{path}{name[:_MAX_KEY]}")
    return kept


def _keeps(name: str, value: Any) -> bool:
    if value is None or isinstance(value, bool | int):
        return True
    if isinstance(value, str):
        if name == "usage_format":
            return _FORMAT.fullmatch(value) is not None
        return name not in {"usage", "tags", "cost", "lines"} and len(value) <= _MAX_TEXT
    return isinstance(value, list if name == "lines" else dict) and name in {
        "usage", "tags", "cost", "lines",
    }  # fmt: skip


def _value(name: str, value: Any, path: str, removed: list[str]) -> Any:
    if name == "user" and isinstance(value, str):
        return stored_user(value)
    if name == "usage":
        return _numbers(value, path, removed)
    if name == "tags" and isinstance(value, dict):
        return _tags(value, path, removed)
    if name == "cost" and isinstance(value, dict):
        return {k: v for k, v in _numbers(value, path, removed).items() if k in _COST}
    if name == "lines" and isinstance(value, list):
        lines = enumerate(line for line in value if isinstance(line, dict))
        return [_fields(line, _LINE, f"{path}.{index}.", removed) for index, line in lines]
    return value


def _numbers(value: Any, path: str, removed: list[str]) -> Any:
    """Keep numbers and what is written like one, at any depth; units and currencies too."""
    if not isinstance(value, dict):
        return value
    kept: dict[str, Any] = {}
    for key, found in value.items():
        name = f"{path}.{key[:_MAX_KEY]}"
        if isinstance(found, dict):
            kept[key[:_MAX_KEY]] = _numbers(found, name, removed)
        elif _is_number_like(key, found):
            kept[key[:_MAX_KEY]] = found
        else:
            removed.append(name)
    return kept


def _is_number_like(key: str, value: Any) -> bool:
    if isinstance(value, str):
        word = key in {"unit", "currency"} and _WORD.fullmatch(value) is not None
        return word or bool(_NUMBER_LIKE.fullmatch(value))
    return value is None or isinstance(value, bool | int)


def _tags(tags: dict[str, Any], path: str, removed: list[str]) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    for key, value in tags.items():
        if isinstance(value, str) and len(value) <= _MAX_TAG:
            kept[key[:_MAX_KEY]] = REDACTED if is_secret(value) else value
        elif value is None or isinstance(value, bool | int):
            kept[key[:_MAX_KEY]] = value
        else:
            removed.append(f"{path}.{key[:_MAX_KEY]}")
    return kept
