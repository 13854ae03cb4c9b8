"""Start and stop the server of a data folder; a second start reuses it, a crash is recovered."""

import fcntl
import os
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tknops.embedded import binaries
from tknops.embedded.account import Account
from tknops.embedded.errors import EmbeddedError
from tknops.embedded.layout import Layout
from tknops.embedded.roles import SUPERUSER, ensure_roles

_SETTINGS = """\
# Written by tknOps at each start. Sockets only: nothing listens on the network.
listen_addresses = ''
unix_socket_directories = '{sockets}'
unix_socket_permissions = 0700
max_connections = 60
shared_buffers = 256MB
max_wal_size = 4GB
# What was acknowledged must survive: never off.
fsync = {durable}
full_page_writes = on
synchronous_commit = {durable}
"""


def start(layout: Layout, *, durable: bool = True) -> None:
    """Start the server unless it runs; create cluster, roles and database on the first start.

    `durable=False` is for tests alone. Raises EmbeddedError with the end of the server's log.
    """
    if is_running(layout):
        return
    account = Account.current()
    layout.data_dir.mkdir(parents=True, exist_ok=True)
    with _lock(layout.lock):
        if is_running(layout):
            return
        programs = binaries.find(layout, account)
        _prepare(layout, account, programs)
        _write_settings(layout, account, durable=durable)
        _run(account, layout, [
            programs / "pg_ctl", "start", "--wait", "--silent", "-t", "120",
            "-D", layout.cluster, "-l", layout.log,
        ])  # fmt: skip
        ensure_roles(layout)


def stop(layout: Layout) -> None:
    """Stop the server, if it runs, without waiting for clients."""
    if is_running(layout):
        account = Account.current()
        programs = binaries.find(layout, account)
        _run(account, layout, [
            programs / "pg_ctl", "stop", "--wait", "--silent", "-m", "fast", "-D", layout.cluster,
        ])  # fmt: skip


def is_running(layout: Layout) -> bool:
    """Tell whether the server answers: its process lives and its socket is there."""
    try:
        pid = int((layout.cluster / "postmaster.pid").read_text().split("\n", 1)[0])
        status = (layout.cluster / "postmaster.pid").read_text().split("\n")[7].strip()
        os.kill(pid, 0)
    except (FileNotFoundError, ValueError, IndexError, ProcessLookupError):
        return False
    except PermissionError:
        message = f"The data folder {layout.data_dir} belongs to another account's tknOps."
        raise EmbeddedError(message) from None
    return status == "ready" and any(layout.sockets.glob(".s.PGSQL.*"))


def _prepare(layout: Layout, account: Account, programs: Path) -> None:
    _own_sockets(layout, account)
    if layout.cluster.parent != layout.data_dir:
        account.own(layout.cluster.parent, 0o755)
    if not (layout.cluster / "PG_VERSION").exists():
        account.own(layout.cluster)
        _run(account, layout, [
            programs / "initdb", "-D", layout.cluster, "-U", SUPERUSER, "--auth=trust",
            "--data-checksums", "--encoding=UTF8", "--locale=C", "--no-instructions",
        ])  # fmt: skip
    if not layout.log.exists():
        layout.log.touch(mode=0o600)
    if os.getuid() == 0:
        os.chown(layout.log, account.uid, account.gid)


def _own_sockets(layout: Layout, account: Account) -> None:
    """Whoever may enter this folder may connect, so it must be ours alone."""
    if layout.sockets.is_symlink() or (
        layout.sockets.exists() and layout.sockets.stat().st_uid not in {account.uid, os.getuid()}
    ):
        message = f"The socket folder {layout.sockets} belongs to somebody else; remove it."
        raise EmbeddedError(message)
    account.own(layout.sockets)


def _write_settings(layout: Layout, account: Account, *, durable: bool) -> None:
    text = _SETTINGS.format(sockets=layout.sockets, durable="on" if durable else "off")
    path = layout.cluster / "tknops.conf"
    path.write_text(text)
    if os.getuid() == 0:
        os.chown(path, account.uid, account.gid)
    main = layout.cluster / "postgresql.conf"
    include = "include = 'tknops.conf'\n"
    if include not in main.read_text():
        with main.open("a") as file:
            file.write(include)


@contextmanager
def _lock(path: Path) -> Iterator[None]:
    """Let one start at a time pass; the others wait and then find the server running."""
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _run(account: Account, layout: Layout, command: Sequence[str | Path]) -> None:
    done = subprocess.run(  # noqa: S603 - fixed programs and our own paths
        [str(part) for part in command],
        capture_output="start" not in command,
        stdin=subprocess.DEVNULL,
        text=True,
        check=False,
        cwd="/",
        env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C"},
        **account.subprocess_options(),
    )
    if done.returncode:
        said = (done.stderr or "").strip() or _tail(layout.log)
        message = f"{Path(command[0]).name} failed in {layout.cluster}:\n{said}"
        raise EmbeddedError(message)


def _tail(log: Path) -> str:
    try:
        return "\n".join(log.read_text(errors="replace").splitlines()[-8:])
    except OSError:
        return "(no log)"
