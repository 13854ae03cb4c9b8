"""Under which names other wires say customer, user, feature, team and tags: settings, ranked."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from django.conf import settings

WHO = ("customer", "user", "feature", "team")
_SHORTEST_ID = 20


def text(value: Any) -> str:
    """Return a reference as text; '' for what is none. Numbers are spelled as they are."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return ""


def is_unique(response: str) -> bool:
    """Tell whether a response's id can name a call: Ollama draws `chatcmpl-123` out of 999."""
    return len(response) >= _SHORTEST_ID


def references(*said: Mapping[str, Any]) -> dict[str, Any]:
    """Pick customer, user, feature and team from what was said, the first mapping first."""
    found = {}
    for field, names in settings.ATTRIBUTE_NAMES.items():
        if value := _first(names, said):
            found[field] = value
    return found


def tags(*said: Mapping[str, Any]) -> dict[str, str] | None:
    """Pick the tags on the allow-list, in the spelling tag keys have."""
    found = {}
    for name in settings.OTLP_TAG_ATTRIBUTES:
        if value := _first((name,), said):
            found[name.lower()] = value
    return found or None


def _first(names: Sequence[str], said: tuple[Mapping[str, Any], ...]) -> str:
    for one in said:
        for name in names:
            if name in one and (value := text(one[name])):
                return value
    return ""


def wanted() -> frozenset[str]:
    """Return every name that is read at all: the allow-list of free-form metadata."""
    groups = (*settings.ATTRIBUTE_NAMES.values(), settings.OTLP_TAG_ATTRIBUTES)
    return frozenset(name for group in groups for name in group)


def metadata(raw: bytes | str) -> dict[str, Any]:
    """Read of a JSON object what is on the allow-list; nothing else is decoded.

    A text that holds such an object is read too; anything else says nothing.
    """
    try:
        members = msgspec.json.decode(raw, type=dict[str, msgspec.Raw] | str)
        if isinstance(members, str):
            members = msgspec.json.decode(members, type=dict[str, msgspec.Raw])
        return {
            name: msgspec.json.decode(bytes(members[name]), type=str | int | None)
            for name in wanted() & members.keys()
            if bytes(members[name])[:1] not in b"{[tf"
        }
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return {}
