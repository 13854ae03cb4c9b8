"""The engine `tknops.postgresql`: Django looks for it in a module of this name."""

import os
import socket
import struct
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.db.backends.postgresql import base

from tknops.giving_way import give_way, gives_way

# struct ucred, unix(7): process, user, group.
_CREDENTIALS = struct.Struct("iII")


class DatabaseWrapper(base.DatabaseWrapper):
    """Connects as Django does; a process that gives way is served by sessions that do.

    Else the database would work for a report or a fold at the priority of usage (docs/adr/0046).
    """

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """Connect."""
        connection = super().get_new_connection(conn_params)
        if gives_way() and (backend := _backend_here(connection)):
            with suppress(PermissionError, ProcessLookupError):
                give_way(backend)
        return connection


def _backend_here(connection: Any) -> int | None:
    """Return the server's process for a connection, if it is a process of this machine.

    A server elsewhere, or in another container, says ids that mean other processes here: the one
    named must be a child of the one that holds the other end of the socket.
    """
    with socket.socket(fileno=os.dup(connection.fileno())) as end:
        if end.family != socket.AF_UNIX:
            return None
        said = end.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    server, *_ = _CREDENTIALS.unpack(said)
    backend: int = connection.info.backend_pid
    return backend if server and _parent(backend) == server else None


def _parent(process: int) -> int | None:
    try:
        said = Path(f"/proc/{process}/stat").read_text()
    except OSError:
        return None
    return int(said.rpartition(")")[2].split()[1])
