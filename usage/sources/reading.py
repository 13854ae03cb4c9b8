"""Read exact figures out of a provider's usage object."""

from collections.abc import Iterator
from decimal import Decimal, DecimalException

from tknops.money import EXACT
from usage.sources.adapter import Json

MILLION = 10**6
_MAX_DIGITS = 30


class UsageFormatError(ValueError):
    """A field of the provider's object is not what its format says."""

    def __init__(self, field: str, problem: str, *, code: str = "not_integer") -> None:
        """Name the field and the problem, never the value; `code` is one of the closed list."""
        super().__init__(f"`{field}` {problem}.")
        self.code = code


def count(usage: Json, name: str) -> int:
    """Return a count, 0 where the field is absent or null.

    Raises UsageFormatError if it is no integer of 0 or more.
    """
    value = usage.get(name)
    if value is None:
        return 0
    if isinstance(value, bool) or not isinstance(value, int):
        raise UsageFormatError(name, "is not a JSON integer")
    if value < 0:
        raise UsageFormatError(name, "is below 0", code="negative_tokens")
    return value


def whole(usage: Json, name: str) -> int:
    """Return a count that its provider may write as 12.0; 0 where absent or null.

    Raises UsageFormatError if it is no whole number of 0 or more.
    """
    value = usage.get(name)
    if not isinstance(value, Decimal):
        return count(usage, name)
    if value.adjusted() > _MAX_DIGITS or value != value.to_integral_value():
        raise UsageFormatError(name, "is not a whole number")
    return count({name: int(value)}, name)


def millionths(usage: Json, name: str) -> int:
    """Return a decimal figure (seconds, searches) in millionths, exactly; 0 where absent.

    Raises UsageFormatError if it is no number of 0 or more with at most 6 decimals.
    """
    value = usage.get(name)
    if not isinstance(value, Decimal):
        return count(usage, name) * MILLION
    if value < 0:
        raise UsageFormatError(name, "is below 0", code="negative_tokens")
    if value.adjusted() > _MAX_DIGITS:
        raise UsageFormatError(name, "is too large", code="out_of_range")
    scaled = in_millionths(value)
    if scaled is None:
        raise UsageFormatError(name, "has more than 6 decimals", code="too_many_decimals")
    return scaled


def in_millionths(value: Decimal) -> int | None:
    """Return a decimal in millionths, or None where that is no integer."""
    try:
        scaled = EXACT.multiply(value, Decimal(MILLION))
    except DecimalException:
        return None
    return int(scaled) if scaled == scaled.to_integral_value() else None


def differs(usage: Json, name: str, expected: int) -> bool:
    """Tell whether a stated total is not the sum it should be; a total not stated never is."""
    return usage.get(name) is not None and count(usage, name) != expected


def part(usage: Json, name: str) -> Json:
    """Return a nested object, empty where it is absent or null.

    Raises UsageFormatError if it is anything else.
    """
    value = usage.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise UsageFormatError(name, "is not an object", code="wrong_type")
    return value


def objects(usage: Json, name: str) -> Iterator[Json]:
    """Yield the objects of a list, none where it is absent or null.

    Raises UsageFormatError if it is no list of objects.
    """
    value = usage.get(name)
    if value is None:
        return
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        raise UsageFormatError(name, "is not a list of objects", code="wrong_type")
    yield from value


def text(usage: Json, name: str, *, limit: int = 50) -> str | None:
    """Return a short text such as a service tier, None where absent, null or blank.

    Raises UsageFormatError if it is no text or longer than `limit`.
    """
    value = usage.get(name)
    if value is None:
        return None
    if not isinstance(value, str):
        raise UsageFormatError(name, "is not a text", code="wrong_type")
    if len(value) > limit:
        raise UsageFormatError(name, f"is longer than {limit}", code="too_long")
    return value.strip() or None


def model_name(usage: Json, name: str) -> str | None:
    """Return the name of the model that was used, None where the payload does not say."""
    return text(usage, name, limit=200)


def tier(usage: Json, name: str = "service_tier") -> str | None:
    """Return the service tier in lower case, None where the payload does not say."""
    said = text(usage, name)
    return said.lower() if said else None


def rest(total: int, *parts: int) -> int:
    """Return what is left of a total that includes its parts; never below 0."""
    return max(0, total - sum(parts))
