"""A gate one thread waits at and any thread, signal handler or finalizer opens without waiting."""

from __future__ import annotations

import threading


class Gate:
    """A lock used the other way round: opening is a release, which never blocks."""

    def __init__(self) -> None:
        """Begin shut."""
        self._lock = threading.Lock()
        self._lock.acquire()

    def open(self) -> None:
        """Let the waiting thread through; open already is fine."""
        try:
            self._lock.release()
        except (RuntimeError, ValueError):
            pass

    def wait(self, seconds: float) -> bool:
        """Wait until opened, at most `seconds`; shut again behind."""
        return self._lock.acquire(timeout=max(seconds, 0.0))
