"""Answers this process remembers, each under a key that names what it was made from."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, TypeVar, cast

Made = TypeVar("Made")
# What an answer weighs besides its rows: its key, and the objects around even a single row. Many
# small answers are what fills a process that is asked for many figures.
_BESIDES = 20


class Memory:
    """The most recently used answers, up to a total weight (rows)."""

    def __init__(self, limit: int) -> None:
        """Hold at most `limit` rows; an answer weighs some more than its own."""
        self._limit = limit
        self._weight = 0
        self._held: OrderedDict[Hashable, tuple[int, object]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable, make: Callable[[], Made], weigh: Callable[[Made], int]) -> Made:
        """Return what is remembered under the key, or make and remember it.

        What alone weighs more than the limit is not remembered: it would push all else out.
        """
        with self._lock:
            if key in self._held:
                self._held.move_to_end(key)
                return cast("Made", self._held[key][1])
        made = make()
        weight = weigh(made) + _BESIDES
        if weight <= self._limit:
            with self._lock:
                self._keep(key, weight, made)
        return made

    def _keep(self, key: Hashable, weight: int, made: object) -> None:
        self._weight += weight - self._held.pop(key, (0, None))[0]
        self._held[key] = (weight, made)
        while self._weight > self._limit:
            _, (gone, _) = self._held.popitem(last=False)
            self._weight -= gone

    def peek(self, key: Hashable) -> Any:
        """Return what is remembered under the key, or None."""
        with self._lock:
            return self._held.get(key, (0, None))[1]

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._held.clear()
            self._weight = 0
