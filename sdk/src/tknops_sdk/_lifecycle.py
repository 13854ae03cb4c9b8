"""The ends and forks of a process: where events would be lost or sent twice."""

from __future__ import annotations

import atexit
import os
import signal
import sys
import threading
from types import FrameType
from typing import Any, Callable, Optional


class Lifecycle:
    """Calls `end` when the process ends and `forked` in a forked child."""

    def __init__(self, *, end: Callable[[], object], forked: Callable[[], object]) -> None:
        """Register what is for the whole process, once."""
        self._end, self._forked = end, forked
        atexit.register(self.ended)
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._after_fork)
        self._child_of_pool()

    def ended(self) -> None:
        """End; nothing raises at exit."""
        try:
            self._end()
        except Exception:
            pass

    def _after_fork(self) -> None:
        try:
            self._forked()
            self._child_of_pool()
        except Exception:
            pass

    def _child_of_pool(self) -> None:
        """Children of multiprocessing and billiard leave by `os._exit`: only finalizers run.

        They empty the list of finalizers first thing, then call what asked to be called.
        """
        for name in ("multiprocessing", "billiard"):
            util = sys.modules.get(f"{name}.util")
            if util is None:
                continue
            try:
                util.register_after_fork(self, _finalize_with(util))
                if _is_child(name):
                    util.Finalize(None, self.ended, exitpriority=1)
            except Exception:  # a pool's library of another shape
                pass

    def handle_sigterm(self) -> None:
        """End before SIGTERM does, where the host has no handler of its own."""
        try:
            if threading.current_thread() is not threading.main_thread():
                return
            if signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
                signal.signal(signal.SIGTERM, self._sigterm)
        except (ValueError, OSError, RuntimeError):
            pass

    def _sigterm(self, number: int, _frame: Optional[FrameType]) -> None:
        self.ended()
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)


def _finalize_with(util: Any) -> Callable[[Lifecycle], None]:
    def finalize(lifecycle: Lifecycle) -> None:
        util.Finalize(None, lifecycle.ended, exitpriority=1)

    return finalize


def _is_child(name: str) -> bool:
    process = sys.modules.get(f"{name}.process")
    parent = getattr(process, "parent_process", None)
    if parent is not None and parent() is not None:
        return True
    current = getattr(process, "current_process", None)
    return current is not None and getattr(current(), "_parent_pid", None) is not None
