"""Filters and weights as a person writes them: a name, a colon and values on each line."""

from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation

from billing.measures import dimension

_DECIMALS = 6


def filters_of(text: str) -> dict[str, list[str]]:
    """Read lines like 'plan: pro, team'.

    Raises ValueError naming the line and what is accepted.
    """
    found: dict[str, list[str]] = {}
    for name, rest in _lines(text):
        dimension(name)
        values = [value.strip() for value in rest.split(",") if value.strip()]
        if not values:
            message = f"{name!r} has no value; write it like plan: pro, team"
            raise ValueError(message)
        found[name] = list(dict.fromkeys([*found.get(name, []), *values]))
    return found


def weights_of(text: str) -> dict[str, str]:
    """Read lines like 'acme: 2.5': decimals above 0.

    Raises ValueError naming the line and what is accepted.
    """
    found: dict[str, str] = {}
    for name, rest in _lines(text, last=True):
        try:
            weight = Decimal(rest)
            good = weight.is_finite() and weight > 0 and weight == round(weight, _DECIMALS)
        except InvalidOperation:
            good = False
        if not good or name in found:
            message = f"{name}: {rest!r} is not one weight above 0 with up to {_DECIMALS} decimals"
            raise ValueError(message)
        found[name] = f"{weight.normalize():f}"
    return found


def as_lines(named: Mapping[str, Sequence[str] | str]) -> str:
    """Write filters or weights, the other way round."""
    return "\n".join(
        f"{name}: {value if isinstance(value, str) else ', '.join(value)}"
        for name, value in named.items()
    )


def _lines(text: str, *, last: bool = False) -> list[tuple[str, str]]:
    """Split lines at their first colon, or the last: an id may contain some."""
    found = []
    for line in filter(str.strip, text.splitlines()):
        name, colon, rest = line.rpartition(":") if last else line.partition(":")
        if not colon or not name.strip():
            message = f"{line.strip()!r} has no colon; write a name, a colon and values"
            raise ValueError(message)
        found.append((name.strip(), rest.strip()))
    return found
