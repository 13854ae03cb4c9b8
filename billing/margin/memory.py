"""Answers this process remembers, each under a key that names what it was made from."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, TypeVar, cast

Made = TypeVar("Made")


class Memory:
    """The most recently used answers, up to a total weight (rows)."""

    def __init__(self, limit: int) -> None:
        """Hold at most `limit` rows."""
        self._limit, self._weight = limit, 0
        self._held: OrderedDict[Hashable, tuple[int, object]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable, make: Callable[[], Made], weigh: Callable[[Made], int]) -> Made:
        """Return what is remembered under the key, or make and remember it."""
        with self._lock:
            if key in self._held:
                self._held.move_to_end(key)
                return cast("Made", self._held[key][1])
        made = make()
        with self._lock:
            replaced, _ = self._held.pop(key, (0, None))
            weight = weigh(made) + 1
            self._held[key] = (weight, made)
            self._weight += weight - replaced
            while self._weight > self._limit:
                _, (weight, _) = self._held.popitem(last=False)
                self._weight -= weight
        return made

    def peek(self, key: Hashable) -> Any:
        """Return what is remembered under the key, or None."""
        with self._lock:
            return self._held.get(key, (0, None))[1]

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._held.clear()
            self._weight = 0
