"""Start and stop the server of a data folder; a second start reuses it, a crash is recovered."""

import fcntl
import os
import shlex
import shutil
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tknops.embedded import binaries
from tknops.embedded.account import Account
from tknops.embedded.errors import EmbeddedError
from tknops.embedded.layout import Layout
from tknops.embedded.liveness import PORT, drop_stale, is_ready, is_running, process
from tknops.embedded.roles import SUPERUSER, ensure_roles
from tknops.embedded.running import run

# How long processes of a killed server may outlive it before a start gives up.
_ORPHANS_PATIENCE = 15.0


def start(layout: Layout, *, durable: bool = True) -> None:
    """Start the server unless it runs; create cluster, roles and database on the first start.

    `durable=False` is for tests alone. Raises EmbeddedError with the end of the server's log.
    """
    if is_ready(layout):
        return
    with _alone(layout):
        layout = Layout.of(layout.data_dir)  # the data folder's modes are known only now
        if is_ready(layout):
            return
        account = Account.current()
        _require_reachable(layout, account)
        layout.home.mkdir(mode=0o755, exist_ok=True)
        layout.remember()
        if not is_running(layout):
            programs = binaries.find(layout, account)
            _own_sockets(layout, account)
            _make_cluster(layout, account, programs)
            binaries.require_version(programs, layout)
            _launch(layout, account, programs, durable=durable)
        ensure_roles(layout)
        layout.prepared.touch()


def stop(layout: Layout) -> None:
    """Stop the server, if it runs, without waiting for clients."""
    if process(layout) is None:
        return
    with _alone(layout):
        if process(layout) is None:
            return
        account = Account.current()
        programs = binaries.find(layout, account)
        run(account, layout, [
            programs / "pg_ctl", "stop", "--wait", "--silent", "-m", "fast", "-D", layout.cluster,
        ])  # fmt: skip


def _require_reachable(layout: Layout, account: Account) -> None:
    if not account.can_reach(layout.cluster):
        message = (
            f"The ledger is in {layout.cluster}, which the account {account.name} that runs "
            "PostgreSQL cannot reach any more; let others pass the folders above it (chmod o+x)."
        )
        raise EmbeddedError(message)


def _make_cluster(layout: Layout, account: Account, programs: Path) -> None:
    """Create the cluster beside its place and move it in, so that a broken one never stands."""
    if (layout.cluster / "PG_VERSION").exists():
        return
    making = layout.cluster.with_name("postgres.making")
    shutil.rmtree(making, ignore_errors=True)
    account.own(making)
    run(account, layout, [
        programs / "initdb", "-D", making, "-U", SUPERUSER, "--auth=trust",
        "--data-checksums", "--encoding=UTF8", "--locale=C", "--no-instructions",
    ])  # fmt: skip
    making.rename(layout.cluster)


def _launch(layout: Layout, account: Account, programs: Path, *, durable: bool) -> None:
    if not layout.log.exists():
        layout.log.touch(mode=0o600)
        account.give(layout.log)
    deadline = time.monotonic() + _ORPHANS_PATIENCE
    while not drop_stale(layout):
        if time.monotonic() > deadline:
            message = f"Processes of a killed PostgreSQL still work in {layout.cluster}; end them."
            raise EmbeddedError(message)
        time.sleep(0.2)
    run(account, layout, [
        programs / "pg_ctl", "start", "--wait", "--silent", "-t", "300", "-D", layout.cluster,
        "-l", layout.log, "-o", _options(layout, durable=durable),
    ], log_from=layout.log.stat().st_size)  # fmt: skip


def _options(layout: Layout, *, durable: bool) -> str:
    """Give the settings on the command line: no file of the server's account is written by root."""
    settings = {
        "listen_addresses": "",
        "unix_socket_directories": str(layout.sockets),
        "unix_socket_permissions": "0700",
        "port": str(PORT),
        "max_connections": "60",
        "shared_buffers": "256MB",
        "max_wal_size": "4GB",
        # What was acknowledged must survive: never off outside tests.
        "fsync": "on" if durable else "off",
        "full_page_writes": "on" if durable else "off",
        "synchronous_commit": "on" if durable else "off",
    }
    return " ".join(f"-c {shlex.quote(f'{name}={value}')}" for name, value in settings.items())


def _own_sockets(layout: Layout, account: Account) -> None:
    """Whoever may enter this folder may connect, so it must be ours alone."""
    try:
        layout.sockets.mkdir(mode=0o700)
    except FileExistsError:
        state = layout.sockets.lstat()
        ours = stat.S_ISDIR(state.st_mode) and state.st_uid in {account.uid, os.getuid()}
        if not ours:
            message = f"{layout.sockets}, the socket folder, belongs to somebody else; remove it."
            raise EmbeddedError(message) from None
    account.own(layout.sockets)


@contextmanager
def _alone(layout: Layout) -> Iterator[None]:
    """Let one start or stop at a time pass; the others wait and then find it done."""
    try:
        layout.data_dir.mkdir(parents=True, exist_ok=True)
        file = layout.lock.open("a")
    except OSError as error:
        message = f"The data folder {layout.data_dir} cannot be written: {error.strerror}."
        raise EmbeddedError(message) from None
    with file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
