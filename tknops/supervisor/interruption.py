"""Ctrl-C and SIGTERM, taken where it is safe to stop."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager


class InterruptedByUserError(Exception):
    """Somebody asked us to stop."""


class Interruption:
    """Raises InterruptedByUserError on SIGINT and SIGTERM, or later if in a part to be finished."""

    def __init__(self) -> None:
        """Start listening."""
        self._asked = False
        self._held = 0
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._take)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Finish the body before stopping."""
        self._held += 1
        try:
            yield
        finally:
            self._held -= 1
        if self._asked and not self._held:
            raise InterruptedByUserError

    def ignore(self) -> None:
        """Stop listening for good: the stopping itself is under way."""
        self._held += 1

    def _take(self, _number: int, _frame: object) -> None:
        self._asked = True
        if not self._held:
            raise InterruptedByUserError
