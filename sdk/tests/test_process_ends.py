"""However a process forks and ends: events created = events stored."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from conftest import begin

from tknops_sdk._delivery import tally
from tknops_sdk._settings import Settings

# A process takes its time to start: the usual run tries one of each kind, SDK_TESTS=all the rest.
every = pytest.mark.skipif(os.environ.get("SDK_TESTS") != "all", reason="SDK_TESTS is not all")
HERE = Path(__file__).parent
COUNT = 50


@pytest.fixture(autouse=True)
def _tallies_of_hosts(server, tmp_path, monkeypatch):
    """Remove what a host that lost events left to be told of."""
    yield
    monkeypatch.undo()
    for spool in (tmp_path, tmp_path / "spool"):
        folder = tally.folder_of(Settings(url=server.url, api_key="k", spool=str(spool)))
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)


def start(mode, server, spool, **more):
    said = [sys.executable, str(HERE / "host.py"), mode, server.url, str(spool), str(COUNT)]
    source = str(HERE.parent / "src")
    environment = {**os.environ, "PYTHONPATH": source, **more}
    return subprocess.Popen(said, stdout=subprocess.PIPE, text=True, env=environment)


def run(mode, server, spool):
    host = start(mode, server, spool)
    try:
        out, _ = host.communicate(timeout=60)
    finally:
        host.kill()  # one that hangs does not outlive the test
    return host.returncode, out


@pytest.mark.parametrize(
    ("mode", "code", "stored"),
    [
        ("exit", 0, COUNT),
        pytest.param("error", 1, COUNT, marks=every),
        pytest.param("asyncio", 0, 4 * COUNT, marks=every),
        ("pool-fork", 0, 4 * COUNT),
        pytest.param("pool-spawn", 0, 4 * COUNT, marks=every),
        pytest.param("pool-forkserver", 0, 4 * COUNT, marks=every),
        pytest.param("finalizer", 0, COUNT, marks=every),
    ],
)
def test_events_created_are_stored(mode, code, stored, server, tmp_path):
    assert run(mode, server, tmp_path)[0] == code
    assert len(server.events) == stored
    assert list(tmp_path.rglob("*.events")) == []


@every
@pytest.mark.parametrize("mode", ["gevent", "gevent-time"])
@pytest.mark.parametrize("status", [200, 503])
def test_gevent(mode, status, server, tmp_path):
    pytest.importorskip("gevent")
    server.status = status
    code, out = run(mode, server, tmp_path)
    spooled = b"".join(path.read_bytes() for path in tmp_path.rglob("*.events")).splitlines()
    assert code == 0
    assert (len(server.events), len(spooled)) == (
        (5 * COUNT, 0) if status == 200 else (0, 5 * COUNT)
    )
    assert float(out) < 2  # seconds of CPU: nothing spins


def test_forks_while_other_threads_record(server, tmp_path):
    code, out = run("fork", server, tmp_path)
    threads, codes = out.split(" ", 1)
    assert (code, codes.strip()) == (0, "[0, 0, 0, 0, 0]")
    spooled = b"".join(path.read_bytes() for path in tmp_path.rglob("*.events")).splitlines()
    assert len(server.events) + len(spooled) == int(threads) + 5 * COUNT
    assert len({request["Tknops-Sdk-Process"] for request in server.requests}) == 6


@every
@pytest.mark.parametrize(("mode", "code"), [("own_sigterm", 7)])
def test_a_handler_of_the_hosts_own_stays(mode, code, server, tmp_path):
    test_sigterm_ends_as_before_with_nothing_lost(mode, code, server, tmp_path)


@pytest.mark.parametrize(("mode", "code"), [("sigterm", -signal.SIGTERM)])
def test_sigterm_ends_as_before_with_nothing_lost(mode, code, server, tmp_path):
    host = start(mode, server, tmp_path)
    assert host.stdout.readline() == "ready\n"
    host.send_signal(signal.SIGTERM)
    assert host.wait(10) == code
    host.stdout.close()
    assert len(server.events) == COUNT


def test_an_exit_without_a_server_takes_two_seconds_at_most_and_keeps_all(server, tmp_path):
    server.wait = 30
    before = time.monotonic()
    assert run("exit", server, tmp_path)[0] == 0
    assert time.monotonic() - before < 4
    lines = b"".join(path.read_bytes() for path in tmp_path.rglob("*.events")).splitlines()
    assert len(lines) == COUNT


def test_a_killed_host_loses_one_second_at_most(server, sdk, tmp_path):
    server.status = 503
    host = start("kill", server, tmp_path / "spool")
    made = [host.stdout.readline().split() for _ in range(400)]
    host.kill()
    made += [line.split() for line in host.stdout.read().splitlines()]
    host.stdout.close()
    host.wait(10)
    ended = time.time()
    server.status = 200
    begin(
        server, tmp_path / "spool", api_key="k"
    )  # the next process finds what the killed one left
    end = time.monotonic() + 10
    while time.monotonic() < end and not server.events:
        time.sleep(0.05)
    sdk.record("p", "own", {"input_tokens": 1})
    assert sdk.flush(5)
    stored = {event["usage"]["input_tokens"] for event in server.events.values()}
    lost = [float(at) for number, at in filter(lambda pair: len(pair) == 2, made)
            if int(number) not in stored]  # fmt: skip
    assert len(stored) > 100
    assert all(ended - at < 1.5 for at in lost)
