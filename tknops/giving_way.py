"""python -m tknops.giving_way COMMAND…: run it at a lower priority, in short turns.

A lower priority alone gives a process less of the processor but not later: since Linux 6.6 one
that runs keeps its turn (some 3 ms) whoever else wakes up, and a request for usage wakes a dozen
times between web and database. A turn of its own length is asked for by sched_setattr(2), field
sched_runtime, since Linux 6.12; an older kernel does not heed it, and takes the turn away anyway.

Linux shares the processor out between sessions first (autogroup, sched(7)), and each process of
PostgreSQL leads a session: without a lower share for its session too, a priority counts for
nothing beside the database.
"""

import ctypes
import os
import platform
import struct
import sys
import time
from contextlib import suppress
from pathlib import Path

_NICE = 10
_TURN = 100_000  # nanoseconds; the shortest there is
_SETATTR = {"x86_64": 314, "aarch64": 274}
# struct sched_attr: size, policy, flags, nice, priority, runtime, deadline, period.
_ATTRIBUTES = struct.Struct("=IIQiIQQQ")
# Without a privilege, one share in the system may be changed in 0.1 s.
_TRIES, _PAUSE = 6, 0.03


def give_way(process: int | None = None) -> None:
    """Lower the priority of `process` (this one), of the session it leads, and shorten its turns.

    What the system does not know or allow stays as it is. Raises ProcessLookupError if there is no
    such process, PermissionError if it is another user's.
    """
    process = process or os.getpid()
    nice = max(_NICE, os.getpriority(os.PRIO_PROCESS, process))
    os.setpriority(os.PRIO_PROCESS, process, nice)
    if number := _SETATTR.get(platform.machine()):
        attributes = _ATTRIBUTES.pack(_ATTRIBUTES.size, os.SCHED_OTHER, 0, nice, 0, _TURN, 0, 0)
        ctypes.CDLL(None).syscall(number, process, attributes, 0)
    if os.getsid(process) == process:
        _lower_share(Path(f"/proc/{process}/autogroup"), nice)


def gives_way() -> bool:
    """Whether this process does."""
    return os.getpriority(os.PRIO_PROCESS, 0) >= _NICE


def _lower_share(session: Path, nice: int) -> None:
    for _ in range(_TRIES):
        with suppress(BlockingIOError):
            with suppress(FileNotFoundError, PermissionError):  # no autogroup here, or not ours
                session.write_text(str(nice))
            return
        time.sleep(_PAUSE)


def main() -> None:
    """Give way, then become the command."""
    with suppress(PermissionError):  # it leads one already
        os.setsid()
    give_way()
    os.execvp(sys.argv[1], sys.argv[1:])  # noqa: S606 - our own commands


if __name__ == "__main__":
    main()
