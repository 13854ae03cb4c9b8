"""Which adjustment of a price applies: the most specific one that covers it."""

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from usage.models import PriceAdjustment
from usage.tokens import TOKEN_GROUPS, TOKENS, UNITS

# Names of service tiers that mean the ordinary one.
ORDINARY_TIERS = frozenset({"", "default", "standard", "auto", "on_demand"})
ORDINARY = "default"


@dataclass(frozen=True, slots=True)
class Bought:
    """What is priced: a model as the book spells it, with its tier and region."""

    provider: str
    model: str
    tier: str
    region: str


def covering(adjustments: Iterable[PriceAdjustment], bought: Bought) -> list[PriceAdjustment]:
    """List the adjustments that cover something of it, the most specific first.

    Told apart by the model, then region, tier, provider, token class, unit; the newest of equals.
    """
    fitting = [row for row in adjustments if _covers(row, bought)]
    # Rows that are not saved yet come last: they are newer than any other.
    numbered = sorted(enumerate(fitting), key=lambda each: (specificity(each[1]), each[0]))
    return [row for _, row in reversed(numbered)]


def applicable(
    covering: Iterable[PriceAdjustment], kind: str, token_class: str, unit: str, day: dt.date
) -> PriceAdjustment | None:
    """Return the first of a kind that covers a class or unit on a day."""
    for row in covering:
        if row.kind == kind and _in_force(row, day) and _covers_class(row, token_class, unit):
            return row
    return None


def specificity(row: PriceAdjustment) -> tuple[object, ...]:
    """Return how narrow it is, comparable: larger is narrower."""
    named = TOKEN_GROUPS.get(row.token_class)
    classes = len(named[1]) if named else 1 if row.token_class else len(TOKENS) + 1
    return (
        _rank(row.model),
        _rank(row.region),
        bool(row.service_tier),
        bool(row.provider_code),
        -classes,
        bool(row.unit),
    )


def _covers(row: PriceAdjustment, bought: Bought) -> bool:
    ordinary = row.service_tier == ORDINARY and not bought.tier
    return (
        row.provider_code in {"", bought.provider}
        and _fits(row.model, bought.model)
        and (row.service_tier in {"", bought.tier} or ordinary)
        and _fits(row.region, bought.region)
    )


def _covers_class(row: PriceAdjustment, token_class: str, unit: str) -> bool:
    if row.unit and row.unit != unit:
        return False
    named = TOKEN_GROUPS.get(row.token_class)
    if named:
        return token_class in named[1]
    return row.token_class in {"", token_class} or (bool(row.unit) and token_class == UNITS)


def _in_force(row: PriceAdjustment, day: dt.date) -> bool:
    return (row.valid_from or dt.date.min) <= day < (row.valid_to or dt.date.max)


def _rank(pattern: str) -> tuple[int, int]:
    """Exact before pattern before anything; of two patterns the one with more letters."""
    if not pattern:
        return 0, 0
    return (1 if "*" in pattern else 2), len(pattern.replace("*", ""))


def _fits(pattern: str, text: str) -> bool:
    return not pattern or bool(_compiled(pattern).fullmatch(text))


@lru_cache(maxsize=1024)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(".*".join(re.escape(part) for part in pattern.split("*")), re.DOTALL)
