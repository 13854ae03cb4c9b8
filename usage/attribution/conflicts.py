"""Rules that meet the same context on the same day and would set the same thing differently."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import pyarrow as pa
import pyarrow.compute as pc

from usage.attribution.contexts import read_contexts
from usage.attribution.decide import Matched, match_all
from usage.attribution.rules import EFFECTS, Rule, compiled, in_force

_FIELDS = EFFECTS[:-1]


@dataclass(frozen=True, slots=True)
class RuleConflict:
    """The first rule wins over the second for so many contexts."""

    effect: str
    first: Rule
    second: Rule
    contexts: int


def conflicts() -> list[RuleConflict]:
    """Find the conflicts between the rules in force, those over most contexts first."""
    revision = in_force()
    rules = compiled(revision.rules) if revision else []
    fields = {condition.field for rule in rules for condition in rule.conditions}
    table = read_contexts(fields=fields, pins=revision.pins if revision else (), contexts=None)
    return sorted(_conflicts(table, match_all(table, rules)), key=lambda one: -one.contexts)


def _conflicts(contexts: pa.Table, matched: Sequence[Matched]) -> Iterator[RuleConflict]:
    unset = {name: pc.is_null(contexts[name]).combine_chunks() for name in _FIELDS}
    for one, other in combinations(matched, 2):
        if not _same_days(one.rule, other.rule):
            continue
        for effect in one.rule.sets.keys() & other.rule.sets.keys():
            if one.rule.sets[effect] == other.rule.sets[effect]:
                continue
            both = pc.and_(one.mask, other.mask)
            if effect in unset and not (one.rule.overrides and other.rule.overrides):
                both = pc.and_(both, unset[effect])
            if count := pc.sum(both).as_py():
                yield RuleConflict(effect, one.rule, other.rule, count)


def _same_days(one: Rule, other: Rule) -> bool:
    return _begins_before(one, other) and _begins_before(other, one)


def _begins_before(one: Rule, other: Rule) -> bool:
    """Tell whether one begins before the other ends."""
    return one.valid_from is None or other.valid_to is None or one.valid_from < other.valid_to
