"""How long the texts of an event may be, read from its declaration."""

from operator import attrgetter

from msgspec import inspect

from usage.ingest.errors import EventError
from usage.ingest.event import Event


def _limits() -> dict[str, int]:
    limits = {}
    for field in inspect.type_info(Event).fields:  # type: ignore[attr-defined]
        for kind in getattr(field.type, "types", (field.type,)):
            if isinstance(kind, inspect.StrType) and kind.max_length is not None:
                limits[field.name] = kind.max_length
    return limits


LIMITS = tuple(_limits().items())
_texts = attrgetter(*(name for name, _ in LIMITS))


def too_long(name: str) -> EventError:
    """Return the error of a text beyond its limit."""
    return EventError("id_too_long" if name == "id" else "too_long", f"/{name}")


def check_lengths(event: Event) -> None:
    """Hold an event made by us to the bounds a decoded one has. Raises EventError."""
    for value, (name, limit) in zip(_texts(event), LIMITS, strict=True):
        if value and len(value) > limit:
            raise too_long(name)
