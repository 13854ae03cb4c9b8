"""Pick the attributes that are read out of a span; all others stay undecoded."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any

from usage.wires.names import wanted
from usage.wires.otlp.table import NAMES, PREFIXES

# What was found, by field; names of the settings stand under themselves.
Found = dict[str, Any]
Pick = Callable[[Iterable[Any]], Found]
# Each field that is read, with the places of the attributes it may be in, best first.
_Plan = tuple[tuple[str, tuple[int, ...]], ...]
# An emitter's spans have the same attributes in the same order, so what to read of them is worked
# out once. Names come from outside: as many plans, attributes and characters as this are kept.
_PLANS, _LONGEST, _WIDEST = 500, 64, 4_000


@lru_cache(maxsize=4)
def _places(named: frozenset[str]) -> dict[str, tuple[str, int]]:
    """Give each attribute its field and rank; an attribute may have a field and be a name too."""
    places = {name: (name, 0) for name in named}
    places |= {name.attribute: (name.field, rank) for rank, name in enumerate(NAMES)}
    return places


@lru_cache(maxsize=4)
def _plans(_named: frozenset[str]) -> dict[tuple[str, ...], _Plan]:
    return {}


def picker(value_of: Callable[[Any], Any]) -> Pick:
    """Return what picks in an encoding, whose `value_of` decodes one attribute's value."""
    named = wanted()
    plans = _plans(named)

    def pick(attributes: Iterable[Any]) -> Found:
        given = list(attributes)
        keys = tuple([attribute.key for attribute in given])
        plan = plans.get(keys)
        if plan is None:
            plan = _plan(keys, named)
            if len(keys) <= _LONGEST and sum(map(len, keys)) <= _WIDEST:
                if len(plans) >= _PLANS:
                    plans.clear()
                plans[keys] = plan
        found: Found = {}
        for field, places in plan:
            for place in places:
                value = value_of(given[place].value)
                if value is not None:
                    found[field] = value
                    break
        return found

    return pick


def _plan(keys: tuple[str, ...], named: frozenset[str]) -> _Plan:
    places = _places(named)
    ranked: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for index, key in enumerate(keys):
        if place := places.get(key) or _free_form(key, named):
            field, rank = place
            ranked[field].append((rank, index))
    return tuple((field, tuple(at for _, at in sorted(found))) for field, found in ranked.items())


def _free_form(key: str, named: frozenset[str]) -> tuple[str, int] | None:
    """Look behind a prefix for one of the settings' names."""
    prefix = next(filter(key.startswith, PREFIXES), None)
    name = key.removeprefix(prefix) if prefix else ""
    return (name, 1) if name in named else None
