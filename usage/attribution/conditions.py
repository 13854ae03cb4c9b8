"""Conditions over an Arrow table: each is answered once per distinct value, never per context.

Patterns are RE2: linear in the length of what they are matched with, whatever somebody types.
"""

import pyarrow as pa
import pyarrow.compute as pc

from usage.attribution.rules import Condition, Rule
from usage.models import RuleCondition

Operator = RuleCondition.Operator
LONGEST_PATTERN = 200


class BadPatternError(ValueError):
    """A pattern that is none; says what is wrong with it."""


def check_pattern(pattern: str) -> None:
    """Try a pattern. Raises BadPatternError."""
    if len(pattern) > LONGEST_PATTERN:
        message = f"a pattern has at most {LONGEST_PATTERN} characters, this one {len(pattern):,}"
        raise BadPatternError(message)
    try:
        pc.match_substring_regex(pa.array([""]), pattern)
    except pa.ArrowInvalid as error:
        message = (
            f"{pattern!r} is no pattern ({error}); accepted: RE2 syntax, such as ^acme-(eu|us)$, "
            "without look-around and back-references"
        )
        raise BadPatternError(message) from None


def matches(rule: Rule, contexts: pa.Table) -> pa.Array:
    """Tell for each context whether it meets all conditions of the rule."""
    found = _every(contexts)
    for condition in rule.conditions:
        found = pc.and_(found, _meets(condition, _one(contexts[condition.field])))
    return found


def _every(contexts: pa.Table) -> pa.Array:
    return pc.is_valid(_one(contexts["context_id"]))


def _one(column: pa.ChunkedArray) -> pa.Array:
    if column.num_chunks == 1:
        return column.chunk(0)
    return column.combine_chunks()


def _meets(condition: Condition, column: pa.Array) -> pa.Array:
    """A missing value meets nothing but `is missing`."""
    if condition.operator == Operator.MISSING:
        return pc.is_null(column)
    by_value = _answers(condition, column.dictionary)
    return pc.fill_null(pc.take(by_value, column.indices), False)


def _answers(condition: Condition, values: pa.Array) -> pa.Array:
    first = condition.values[0]
    if condition.operator == Operator.PREFIX:
        return pc.starts_with(values, first)
    if condition.operator == Operator.PATTERN:
        return pc.match_substring_regex(values, first)
    return pc.is_in(values, pa.array(condition.values, pa.string()))
