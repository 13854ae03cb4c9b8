"""The launcher, on clusters of its own."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tknops.embedded import EmbeddedError, Layout, account, database, is_running, start, stop
from tknops.embedded.liveness import process

PROGRAM = [sys.executable, "-m", "tknops.embedded"]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A data folder with a space, its server stopped at the end."""
    # pytest's folders are mode 0700: as root the cluster then goes to /var/lib, tested below.
    base = Path("/var/tmp" if os.getuid() == 0 else tmp_path_factory.mktemp("place"))
    folder = base / f"tknops test {os.getpid()}"
    yield folder
    stop(Layout.of(folder))
    subprocess.run(["rm", "-rf", str(folder), str(Layout.of(folder).sockets)], check=True)


def connect(folder: Path, role: str = "app") -> psycopg.Connection:
    parts = database(folder, role=role)
    return psycopg.connect(
        host=str(parts["HOST"]), port=str(parts["PORT"]), user=str(parts["USER"]),
        dbname=str(parts["NAME"]), autocommit=True,
    )  # fmt: skip


def setting(folder: Path, name: str) -> str:
    with connect(folder) as connection:
        return str(connection.execute("SELECT current_setting(%s)", [name]).fetchone()[0])


@pytest.fixture
def running(place: Path) -> Path:
    start(Layout.of(place))
    return place


def test_start_gives_a_durable_server_without_network(running: Path):
    found = {
        name: setting(running, name)
        for name in (
            "listen_addresses", "fsync", "full_page_writes", "synchronous_commit",
            "data_checksums", "server_encoding",
        )
    }  # fmt: skip
    assert found == {
        "listen_addresses": "",
        "fsync": "on",
        "full_page_writes": "on",
        "synchronous_commit": "on",
        "data_checksums": "on",
        "server_encoding": "UTF8",
    }


def test_folders_are_private_and_the_data_folder_keeps_its_mode(running: Path):
    layout = Layout.of(running)
    before = running.stat().st_mode
    start(layout)
    assert (layout.sockets.stat().st_mode & 0o777, layout.cluster.stat().st_mode & 0o777) == (
        0o700,
        0o700,
    )
    assert (running.stat().st_mode, running.stat().st_uid) == (before, os.getuid())


def test_application_writes_what_the_owner_made_but_makes_nothing(running: Path):
    with connect(running, "owner") as owner, connect(running) as app:
        owner.execute("CREATE TABLE thing (id bigserial, name text)")
        app.execute("INSERT INTO thing (name) VALUES ('a')")
        assert app.execute("SELECT count(*) FROM thing").fetchone() == (1,)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            app.execute("CREATE TABLE other (id int)")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            app.execute("DROP TABLE thing")
        owner.execute("DROP TABLE thing")


def test_second_start_reuses_the_server(running: Path):
    first = process(Layout.of(running))
    start(Layout.of(running))
    assert process(Layout.of(running)) == first


def test_killed_server_recovers_with_what_was_committed(running: Path):
    layout = Layout.of(running)
    with connect(running, "owner") as owner:
        owner.execute("CREATE TABLE kept AS SELECT 7 AS n")
    os.kill(process(layout), signal.SIGKILL)
    wait_until(lambda: not is_running(layout))
    start(layout)
    with connect(running, "owner") as owner:
        assert owner.execute("SELECT n FROM kept").fetchone() == (7,)
        owner.execute("DROP TABLE kept")


def test_process_number_taken_over_is_not_the_server(running: Path):
    layout = Layout.of(running)
    stop(layout)
    (layout.cluster / "postmaster.pid").write_text(f"{os.getpid()}\n{layout.cluster}\n")
    assert not is_running(layout)
    start(layout)
    assert is_running(layout)


def test_starts_at_once_all_find_roles_and_database(place: Path):
    stop(Layout.of(place))
    starts = [subprocess.Popen([*PROGRAM, "start", "--data", str(place)]) for _ in range(4)]
    assert [each.wait(60) for each in starts] == [0, 0, 0, 0]
    assert setting(place, "port") == "5432"


def test_other_temporary_folder_and_port_of_the_environment_find_it(running: Path, tmp_path: Path):
    env = {**os.environ, "TMPDIR": str(tmp_path), "PGPORT": "6000"}
    done = subprocess.run(
        [*PROGRAM, "status", "--data", str(running)],
        env=env, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout == f"PostgreSQL in {running}/postgres: running\n"


def test_socket_folder_of_somebody_else_is_refused(tmp_path: Path):
    layout = Layout.of(tmp_path / "data")
    layout.sockets.symlink_to(tmp_path)
    try:
        with pytest.raises(EmbeddedError, match="belongs to somebody else"):
            start(layout)
    finally:
        layout.sockets.unlink()
        subprocess.run(["rm", "-rf", str(layout.home)], check=True)


@pytest.mark.skipif(os.getuid() != 0, reason="only root hands the server to another account")
def test_unreachable_data_folder_has_its_cluster_elsewhere(tmp_path: Path):
    private = tmp_path / "private"
    private.mkdir(mode=0o700)
    data = private / "data"
    start(Layout.of(data))
    layout = Layout.of(data)
    try:
        assert layout.home.parent == Path("/var/lib")
        assert (data / "postgres.location").read_text() == f"{layout.home}\n"
        assert private.stat().st_mode & 0o777 == 0o700
        assert is_running(layout)
    finally:
        stop(layout)
        subprocess.run(["rm", "-rf", str(layout.home), str(layout.sockets)], check=True)


@pytest.mark.skipif(os.getuid() != 0, reason="only root hands the server to another account")
def test_ledger_that_became_unreachable_is_named_and_not_replaced(tmp_path: Path, monkeypatch):
    cluster = tmp_path / "data" / "postgres"
    cluster.mkdir(parents=True)
    (cluster / "PG_VERSION").write_text("18\n")
    monkeypatch.setattr(account.Account, "can_reach", lambda *_: False)
    with pytest.raises(EmbeddedError, match=f"The ledger is in {cluster}, which the account"):
        start(Layout.of(tmp_path / "data"))


def wait_until(holds) -> None:
    deadline = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)
