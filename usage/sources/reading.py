"""Read counts out of a provider's usage object."""

from collections.abc import Mapping
from typing import Any


class UsageFormatError(ValueError):
    """A field of the provider's object is not what its format says; names the field."""


def count(usage: Mapping[str, Any], name: str) -> int:
    """Return a count, 0 where the field is absent or null.

    Raises UsageFormatError if it is no integer of 0 or more.
    """
    value = usage.get(name)
    if value is None:
        return 0
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        message = f"{name} is not a count"
        raise UsageFormatError(message)
    return value


def part(usage: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Return a nested object, empty where it is absent or null."""
    value = usage.get(name)
    return value if isinstance(value, dict) else {}


def rest(total: int, *parts: int) -> int:
    """Return what is left of a total that includes its parts; never below 0."""
    return max(0, total - sum(parts))
