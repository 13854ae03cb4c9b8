"""Whose calls without a customer or feature likely are: what others with the same value say."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property

# Where the part of a value that names its owner may end: LM-emea, acme/prod, eu.acme.
_SEPARATOR = re.compile(r"(?<=[^\W_])[-_/.:|]")
# Of the calls that have a customer, so many must be of values with one customer for a field to
# tell customers apart; and so many of them, against those without, for a value to say anything.
_TELLING_PCT = 95
_ENOUGH_PCT = 1


class Certainty(IntEnum):
    """How sure a suggestion is; its value is how often such ones should be right, in percent."""

    GUESS = 30
    LIKELY = 80
    SURE = 95


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Whose it may be, by external id, why, and how sure that is."""

    target: str
    name: str
    reason: str
    certainty: Certainty


class Known:
    """Calls of one field that have a customer (or feature), by value: (value, target, events)."""

    def __init__(
        self, label: str, rows: Iterable[tuple[str, str, int]], *, personal: bool = False
    ) -> None:
        """Take the field's name in a sentence; `personal`: one value is one person."""
        self._label, self._personal = label, personal
        self._by_value: dict[str, dict[str, int]] = defaultdict(dict)
        for value, target, events in rows:
            self._by_value[value][target] = self._by_value[value].get(target, 0) + events

    @cached_property
    def tells_apart(self) -> bool:
        """Whether nearly all of its values are of one customer each, and of several in all."""
        single = [found for found in self._by_value.values() if len(found) == 1]
        owners = {next(iter(found)) for found in single}
        of_one = sum(sum(found.values()) for found in single)
        every = sum(sum(found.values()) for found in self._by_value.values())
        return len(owners) > 1 and of_one * 100 >= every * _TELLING_PCT

    def allows(self, value: str, target: str) -> bool:
        """Whether nothing known speaks against a target: others' calls, a field of anybody's."""
        if found := self._by_value.get(value):
            return found.keys() == {target}
        return not self._by_value or self.tells_apart

    def of(self, value: str, events: int, names: Mapping[str, str]) -> Suggestion | None:
        """Suggest whose so many calls with a value are, by others with it or with its beginning.

        A value only one customer is known to have says little where the field is not one that
        tells customers apart: a whole source or environment.
        """
        found = self._by_value.get(value)
        if not found:
            return self._by_beginning(value, names)
        if len(found) > 1:
            return None
        [(target, seen)] = found.items()
        name = names.get(target, target)
        others = f"all {seen:,} other calls" if seen > 1 else "the only other call"
        are = "are" if seen > 1 else "is"
        reason = f"{others} with this {self._label} {are} {name}'s"
        if seen * 100 < events * _ENOUGH_PCT:
            certainty = Certainty.GUESS
        elif self._personal:
            certainty = Certainty.SURE
        else:
            certainty = Certainty.LIKELY if self.tells_apart else Certainty.GUESS
        return Suggestion(target, name, reason, certainty)

    def _by_beginning(self, value: str, names: Mapping[str, str]) -> Suggestion | None:
        if not self.tells_apart:
            return None
        for beginning in _beginnings(value):
            targets, values = self._beginnings.get(beginning, (frozenset(), 0))
            if values > 1 and len(targets) == 1:
                (target,) = targets
                name = names.get(target, target)
                reason = f"begins with {beginning}, as {values:,} others of {name}'s do"
                return Suggestion(target, name, reason, Certainty.LIKELY)
        return None

    @cached_property
    def _beginnings(self) -> Mapping[str, tuple[frozenset[str], int]]:
        """Map the beginnings of the values known to whose they are and how many."""
        targets: dict[str, set[str]] = defaultdict(set)
        values: dict[str, int] = defaultdict(int)
        for value, found in self._by_value.items():
            for beginning in _beginnings(value):
                targets[beginning] |= found.keys()
                values[beginning] += 1
        return {one: (frozenset(some), values[one]) for one, some in targets.items()}


def _beginnings(value: str) -> Iterator[str]:
    """Cut a value after its separators, the longest part first."""
    for end in sorted((found.end() for found in _SEPARATOR.finditer(value)), reverse=True):
        if end < len(value):
            yield value[:end]
