"""Counters that many threads and signal handlers raise without a lock."""

from __future__ import annotations

import itertools
from typing import Callable


class Count:
    """A number that only rises; `next` on an iterator of C is one step for every thread."""

    __slots__ = ("_steps", "add")

    def __init__(self) -> None:
        """Begin at 0. `add` adds one and returns how many came before."""
        self._steps = itertools.count()
        self.add: Callable[[], int] = self._steps.__next__

    def value(self) -> int:
        """Return the number: `count(7)` says where it stands, without a step."""
        return int(repr(self._steps)[6:-1])


class Counts:
    """Named counts of the rare kind: what was dropped or went wrong, by reason."""

    def __init__(self) -> None:
        """Begin empty."""
        self._counts: dict[str, Count] = {}

    def add(self, reason: str, by: int = 1) -> None:
        """Count; `setdefault` is one step, so no reason gets two counters."""
        count = self._counts.setdefault(reason, Count())
        for _ in range(by):
            count.add()

    def values(self) -> dict[str, int]:
        """Return the counts above 0."""
        return {reason: count.value() for reason, count in list(self._counts.items())}

    def total(self) -> int:
        """Return their sum."""
        return sum(self.values().values())
