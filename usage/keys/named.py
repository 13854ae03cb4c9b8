"""The names keys go by: the old and the new key of a rotation share one."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from usage.keys.shape import SHAPE
from usage.models import ApiKey

_LISTED = 20


class UnknownKeyError(ValueError):
    """No key goes by this; says which do. Never repeats a secret."""


def key_names() -> Mapping[str, str]:
    """Return the prefixes that are shown, by the name of their keys, the newest first."""
    found = defaultdict(list)
    for key in ApiKey.objects.exclude(name="").order_by("-pk"):
        found[key.name].append(key.public)
    return {name: ", ".join(prefixes) for name, prefixes in sorted(found.items())}


def names_of(given: Iterable[str]) -> list[str]:
    """Return the names meant by names and prefixes. Raises UnknownKeyError."""
    names = key_names()
    by_prefix = {
        one.rstrip("…"): name for name, list_ in names.items() for one in list_.split(", ")
    }
    return list(dict.fromkeys(_name(one, names, by_prefix) for one in given))


def _name(one: str, names: Mapping[str, str], by_prefix: Mapping[str, str]) -> str:
    if SHAPE.search(one):
        message = "this is a whole key, which nobody should see; give its name, and rotate it"
        raise UnknownKeyError(message)
    found = one if one in names else by_prefix.get(one.rstrip("….*"))
    if found is None:
        known = [f"{name} ({prefixes})" for name, prefixes in names.items()][:_LISTED]
        message = f"no API key is named {one!r}; accepted: {', '.join(known) or 'none has a name'}"
        raise UnknownKeyError(message)
    return found
