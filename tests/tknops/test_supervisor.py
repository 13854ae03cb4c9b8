"""The supervisor: what must hold before, how parts end, and the whole thing once."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import get_commands

from tknops.embedded import Layout, is_running
from tknops.supervisor.checks import StoppedError, hold, port
from tknops.supervisor.processes import Child, spawn, stop_all

ROOT = Path(__file__).resolve().parent.parent.parent


def python(name: str, program: str, logs: Path) -> Child:
    return spawn(name, [sys.executable, "-c", program], logs=logs, env=os.environ, cwd=logs.parent)


@pytest.mark.parametrize("text", ["0", "65536", "-1", "http", "80 80", "²"])
def test_port_that_is_none_is_named(monkeypatch, text: str):
    monkeypatch.setenv("PORT", text)
    with pytest.raises(StoppedError) as refused:
        port()
    assert str(refused.value) == f"PORT={text} is not a port number (1 to 65535)."


def test_port_in_use_names_another(monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as server:
        number = server.getsockname()[1]
        monkeypatch.setenv("PORT", str(number))
        with pytest.raises(StoppedError) as refused:
            port()
    other = number + 1 if number < 65535 else number - 1
    assert str(refused.value) == (
        f"Port {number} is in use; choose another with PORT={other} make run"
    )


def test_data_folder_in_use_names_folder_and_process(tmp_path: Path):
    with hold(tmp_path), pytest.raises(StoppedError) as refused:
        hold(tmp_path)
    assert str(refused.value) == (
        f"The data folder {tmp_path} is in use by process {os.getpid()}; stop it or choose "
        "another with TKNOPS_DATA=/another/folder make run"
    )
    hold(tmp_path).close()


def test_obituary_says_exit_code_and_only_this_runs_lines(tmp_path: Path):
    python("web", "print('an earlier run')", tmp_path / "logs").process.wait()
    child = python("web", "print('no luck'); raise SystemExit(3)", tmp_path / "logs")
    child.process.wait()
    log = tmp_path / "logs" / "web.log"
    assert child.obituary() == f"web ended with exit code 3. Its last lines ({log}):\nno luck"


def test_obituary_names_the_signal(tmp_path: Path):
    child = python("beat", "import time; time.sleep(60)", tmp_path / "logs")
    child.process.kill()
    child.process.wait()
    assert child.obituary().startswith("beat ended by signal SIGKILL. ")


def test_stop_ends_grandchildren_and_what_ignores_the_request(tmp_path: Path):
    stubborn = (
        "import os, signal, sys, time\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "pid = os.fork()\n"
        "pid and (sys.stdout.write(f'{pid}\\n'), sys.stdout.flush())\n"
        "time.sleep(60)\n"
    )
    child = python("worker", stubborn, tmp_path / "logs")
    wait_until(lambda: child.log.read_text().endswith("\n"))
    grandchild = int(child.log.read_text())
    began = time.monotonic()
    stop_all([child], patience=0.5)
    assert time.monotonic() - began < 5
    assert child.process.returncode == -signal.SIGKILL
    wait_until(lambda: not alive(grandchild))


needs_first_run = pytest.mark.skipif(
    not {"setup_installation", "first_run"} <= get_commands().keys(),
    reason="the commands setup_installation and first_run are not there yet",
)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A data folder of an installation, filled by the first that starts it."""
    folder = tmp_path_factory.mktemp("installation") / "data"
    yield folder
    layout = Layout.of(folder)
    elsewhere = [] if layout.home == layout.data_dir else [str(layout.home)]
    subprocess.run(["rm", "-rf", str(layout.sockets), *elsewhere], check=True)


@pytest.fixture
def whole(data: Path) -> Iterator[subprocess.Popen[str]]:
    """An empty installation, running."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        number = server.getsockname()[1]
    env = {**os.environ, "TKNOPS_DATA": str(data), "PORT": str(number), "DEMO": "0"}
    for name in ("TKNOPS_DB_ROLE", "DATABASE_URL", "SECRET_KEY", "DJANGO_SETTINGS_MODULE"):
        env.pop(name, None)
    process = subprocess.Popen(
        [sys.executable, "-m", "tknops.supervisor"], cwd=ROOT, env=env, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True,
    )  # fmt: skip
    process.port = number
    try:
        wait_until(lambda: process.poll() is not None or answers(number), 240)
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)


@needs_first_run
def test_a_page_is_made_by_a_process_that_gives_way_and_interrupt_stops_everything(
    whole: subprocess.Popen[str], data: Path
):
    def page_is_made_by_a_session_that_gives_way() -> bool:
        # A session to look up, so that the page needs the database.
        asked = urllib.request.Request(
            f"http://127.0.0.1:{whole.port}/admin/", headers={"Cookie": f"sessionid={'a' * 32}"}
        )
        with urllib.request.urlopen(asked, timeout=30) as page:
            assert b"tknOps" in page.read()
        return {os.getpriority(os.PRIO_PROCESS, session) for session in sessions(data)} == {10, 0}

    wait_until(page_is_made_by_a_session_that_gives_way, 30)
    nice = [
        os.getpriority(os.PRIO_PROCESS, child_of(whole.pid, word)) for word in ("--uds", "--port")
    ]
    assert nice == [10, 0]
    whole.send_signal(signal.SIGINT)
    output, _ = whole.communicate(timeout=20)
    assert (whole.returncode, output.splitlines()[-1:]) == (0, ["Stopped."])
    assert not is_running(Layout.of(data))
    assert not answers(whole.port)


@needs_first_run
def test_part_that_dies_is_named_and_stops_the_rest(whole: subprocess.Popen[str], data: Path):
    os.kill(child_of(whole.pid, "beat"), signal.SIGKILL)
    output, _ = whole.communicate(timeout=30)
    assert whole.returncode == 1
    assert re.search(r"^beat ended by signal SIGKILL\. Its last lines", output, re.MULTILINE)
    assert not is_running(Layout.of(data))


def sessions(data: Path) -> list[int]:
    """The server's processes for connections."""
    server = int((Layout.of(data).cluster / "postmaster.pid").read_text().split("\n")[0])
    return children_of(server, "[local]")


def child_of(parent: int, word: str) -> int:
    wait_until(lambda: children_of(parent, word), 60)
    return children_of(parent, word)[0]


def children_of(parent: int, word: str) -> list[int]:
    listed = subprocess.run(
        ["ps", "-ww", "-o", "pid=,args=", "--ppid", str(parent)],
        capture_output=True, text=True, check=False,
    ).stdout  # fmt: skip
    return [int(line.split()[0]) for line in listed.splitlines() if f" {word} " in line]


def answers(number: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{number}/health/live", timeout=2):
            return True
    except OSError:
        return False


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def wait_until(holds, patience: float = 10.0) -> None:
    deadline = time.monotonic() + patience
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)
