"""python -m tknops.giving_way COMMAND…: run it at a lower priority, in short turns.

A lower priority alone gives a process less of the processor but not later: since Linux 6.6 one
that runs keeps its turn (some 3 ms) whoever else wakes up, and a request for usage wakes a dozen
times between web and database. A turn of its own length is asked for by sched_setattr(2), field
sched_runtime, since Linux 6.12; an older kernel does not heed it, and takes the turn away anyway.
"""

import ctypes
import os
import platform
import socket
import struct
import sys
from contextlib import suppress
from pathlib import Path

from django.db import connection

_NICE = 10
_TURN = 100_000  # nanoseconds; the shortest there is
_SETATTR = {"x86_64": 314, "aarch64": 274}
# struct sched_attr: size, policy, flags, nice, priority, runtime, deadline, period.
_ATTRIBUTES = struct.Struct("=IIQiIQQQ")
_CREDENTIALS = struct.Struct("iII")  # struct ucred: process, user, group


def give_way(process: int = 0) -> None:
    """Lower the priority of a process, 0: this one. Raises PermissionError if it is not ours."""
    os.setpriority(os.PRIO_PROCESS, process, _NICE)
    if number := _SETATTR.get(platform.machine()):
        attributes = _ATTRIBUTES.pack(_ATTRIBUTES.size, os.SCHED_OTHER, 0, _NICE, 0, _TURN, 0, 0)
        ctypes.CDLL(None).syscall(number, process, attributes, 0)


def session_gives_way() -> None:
    """Let the server's process of this connection give way too, where it runs on this machine."""
    connection.ensure_connection()
    backend = connection.connection.info.backend_pid
    if backend and _is_child(backend, _server()):
        with suppress(PermissionError, ProcessLookupError):
            give_way(backend)


def _server() -> int:
    """Return the process at the other end of a connection by a socket file, else 0."""
    with socket.socket(fileno=os.dup(connection.connection.fileno())) as end:
        if end.family != socket.AF_UNIX:
            return 0
        found = end.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    server: int = _CREDENTIALS.unpack(found)[0]
    return server


def _is_child(process: int, parent: int) -> bool:
    """Whether it is one here: a server in another container says ids that mean others here."""
    try:
        said = Path(f"/proc/{process}/stat").read_text()
    except OSError:
        return False
    return parent > 0 and int(said.rpartition(")")[2].split()[1]) == parent


def main() -> None:
    """Give way, then become the command."""
    give_way()
    os.execvp(sys.argv[1], sys.argv[1:])  # noqa: S606 - our own commands


if __name__ == "__main__":
    main()
