"""python -m tknops.giving_way COMMAND…: run it at a lower priority, in short turns.

A lower priority alone gives a process less of the processor but not later: since Linux 6.6 one
that runs keeps its turn (some 3 ms) whoever else wakes up, and a request for usage wakes a dozen
times between web and database. A turn of its own length is asked for by sched_setattr(2), field
sched_runtime, since Linux 6.12; an older kernel does not heed it, and takes the turn away anyway.
"""

import ctypes
import os
import platform
import struct
import sys

_NICE = 10
_TURN = 100_000  # nanoseconds; the shortest there is
_SETATTR = {"x86_64": 314, "aarch64": 274}
# struct sched_attr: size, policy, flags, nice, priority, runtime, deadline, period.
_ATTRIBUTES = struct.Struct("=IIQiIQQQ")


def give_way() -> None:
    """Lower this process's priority, and shorten its turns where the system knows how."""
    nice = max(_NICE, os.getpriority(os.PRIO_PROCESS, 0))
    os.setpriority(os.PRIO_PROCESS, 0, nice)
    if number := _SETATTR.get(platform.machine()):
        attributes = _ATTRIBUTES.pack(_ATTRIBUTES.size, os.SCHED_OTHER, 0, nice, 0, _TURN, 0, 0)
        ctypes.CDLL(None).syscall(number, 0, attributes, 0)


def main() -> None:
    """Give way, then become the command."""
    give_way()
    os.execvp(sys.argv[1], sys.argv[1:])  # noqa: S606 - our own commands


if __name__ == "__main__":
    main()
