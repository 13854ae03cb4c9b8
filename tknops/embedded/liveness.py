"""Whether the server of a data folder lives: its process file, its process, its socket."""

import os
import socket
from pathlib import Path

from tknops.embedded.errors import EmbeddedError
from tknops.embedded.layout import Layout

PORT = 5432  # names the socket file; nothing listens on it
_PROCESSES = Path("/proc")


def is_running(layout: Layout) -> bool:
    """Tell whether the server takes connections."""
    return process(layout) is not None and _answers(layout)


def is_ready(layout: Layout) -> bool:
    """Tell whether it takes connections and has its roles and database."""
    return is_running(layout) and layout.prepared.exists()


def process(layout: Layout) -> int | None:
    """Return the process id of the living server.

    After a crash its file may name a process that took the number over: that is not the server.
    """
    try:
        pid = int((layout.cluster / "postmaster.pid").read_text().split("\n", 1)[0])
        os.kill(pid, 0)
    except (FileNotFoundError, NotADirectoryError, ValueError, ProcessLookupError):
        return None
    except PermissionError:
        message = f"The data folder {layout.data_dir} belongs to another account's tknOps."
        raise EmbeddedError(message) from None
    return pid if _is_postgres(pid) else None


def drop_stale(layout: Layout) -> bool:
    """Remove the lock files of a server that crashed; False while a process of it still lives.

    PostgreSQL does so itself unless the number in them is another process's now, or a zombie's.
    """
    if process(layout) is not None or not (_PROCESSES / "self").exists():
        return True
    if any(_works_in(folder, layout.cluster) for folder in _PROCESSES.glob("[0-9]*")):
        return False
    (layout.cluster / "postmaster.pid").unlink(missing_ok=True)
    for file in layout.sockets.glob(".s.PGSQL.*"):
        file.unlink(missing_ok=True)
    return True


def _works_in(process_folder: Path, cluster: Path) -> bool:
    """Tell whether a process has the cluster as its working folder, as all of PostgreSQL's do."""
    try:
        return (process_folder / "cwd").readlink() == cluster
    except OSError:
        return False


def _is_postgres(pid: int) -> bool:
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:  # where a system has no /proc: believe the file
        return not (_PROCESSES / "self").exists()
    return Path(os.fsdecode(command.split(b"\0", 1)[0])).name.startswith("postgres")


def _answers(layout: Layout) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(2)
        try:
            probe.connect(str(layout.sockets / f".s.PGSQL.{PORT}"))
        except OSError:
            return False
    return True
