"""When to try again: full jitter, exponential, not before the server said."""

from __future__ import annotations

import random
from typing import Callable

_FIRST, _MOST = 1.0, 60.0


class Backoff:
    """Instants of a monotonic clock; `failures` in a row double the range drawn from."""

    def __init__(self, draw: Callable[[float, float], float] = random.uniform) -> None:
        """Begin ready."""
        self._draw = draw
        self.failures = 0
        self.not_before = 0.0
        self._said_by_server = 0.0

    def fail(self, now: float, at_least: float) -> None:
        """Note a failure."""
        most = min(_MOST, _FIRST * 2 ** min(self.failures, 10))
        self.failures += 1
        self._said_by_server = now + at_least
        self.not_before = now + max(at_least, self._draw(0.0, most))

    def succeed(self) -> None:
        """Note a success."""
        self.failures = 0
        self.not_before = 0.0

    def hurry(self) -> None:
        """Try as soon as the server allows: this may be the last chance."""
        self.not_before = min(self.not_before, self._said_by_server)
