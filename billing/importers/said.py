"""What a person or program says of a file, taken only as far as it is known here."""

from collections.abc import Mapping
from typing import Any

from billing.importers.columns import FIELDS
from billing.importers.opening import DELIMITERS, ENCODINGS
from billing.importers.style import Style

CHOICES: dict[str, tuple[str, ...]] = {
    "encoding": ENCODINGS,
    "delimiter": DELIMITERS,
    "decimal": tuple(Style.DECIMALS),
    "dates": tuple(Style.DATES),
}
_NAMES = frozenset(field.name for field in FIELDS)
_FLAGS = ("accounting", "last_day_counts", "replace", "refuse_closed")
_LONGEST = 200


def checked(said: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was said. Raises ValueError naming a word that is not known and those that are.

    Empty answers are left out: they are found out from the file.
    """
    found: dict[str, Any] = {}
    for name, accepted in CHOICES.items():
        value = said.get(name) or ""
        if not value:
            continue
        if value not in accepted:
            message = f"{name}: {value!r} is not one of {', '.join(map(repr, accepted))}"
            raise ValueError(message)
        found[name] = value
    found |= {name: True for name in _FLAGS if said.get(name)}
    for part in ("columns", "constants"):
        pairs = {key: str(value) for key, value in (said.get(part) or {}).items() if value}
        if unknown := [key for key in pairs if key not in _NAMES]:
            message = f"{', '.join(unknown)}: no column of the template; see the template"
            raise ValueError(message)
        if pairs:
            found[part] = {key: value[:_LONGEST] for key, value in pairs.items()}
    return found
