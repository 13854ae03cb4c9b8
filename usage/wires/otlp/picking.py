"""Pick the attributes that are read out of a span in one walk; all others stay undecoded."""

from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any

from usage.wires.names import wanted
from usage.wires.otlp.table import NAMES, PREFIXES

# What was found, by field; names of the settings stand under themselves.
Found = dict[str, Any]
Pick = Callable[[Iterable[Any]], Found]


@lru_cache(maxsize=4)
def _places(named: frozenset[str]) -> dict[str, tuple[str, int]]:
    """Give each attribute its field and rank; an attribute may have a field and be a name too."""
    places = {name: (name, 0) for name in named}
    places |= {name.attribute: (name.field, rank) for rank, name in enumerate(NAMES)}
    return places


def picker(value_of: Callable[[Any], Any]) -> Pick:
    """Return the walk for an encoding, whose `value_of` decodes one attribute's value."""
    named = wanted()
    places = _places(named)

    def pick(attributes: Iterable[Any]) -> Found:
        found: Found = {}
        ranks: dict[str, int] = {}
        for attribute in attributes:
            key = attribute.key
            place = places.get(key)
            if place is None:
                if not key.startswith(PREFIXES):
                    continue
                name = key.removeprefix(next(filter(key.startswith, PREFIXES)))
                if name not in named:
                    continue
                place = (name, 1)
            field, rank = place
            if rank < ranks.get(field, len(places) + 1):
                value = value_of(attribute.value)
                if value is not None:
                    found[field], ranks[field] = value, rank
        return found

    return pick
