"""An installation of its own for a drill: database, web and folding, each to be killed."""

import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg

from tknops.embedded import Layout, database, start, stop
from tknops.embedded.liveness import process
from tknops.supervisor.parts import web

_BASE = Path(__file__).resolve().parent.parent
_READY_WITHIN = 60
_FOLD = """
import time

import django

django.setup()
from usage.cube import fold

while True:
    fold()
    time.sleep(0.2)
"""


class Installation:
    """Parts started by hand, so that a drill can kill any of them and start it again."""

    def __init__(self, folder: Path) -> None:
        """Take the folder; start nothing."""
        self.folder = folder
        self.layout = Layout.of(folder)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        self.env = {
            **os.environ,
            "TKNOPS_DATA": str(folder),
            "DJANGO_SETTINGS_MODULE": "tknops.settings",
        }
        self.env.pop("DATABASE_URL", None)
        self.web: subprocess.Popen[bytes] | None = None
        self.folding: subprocess.Popen[bytes] | None = None

    def manage(self, *arguments: str, owner: bool = False) -> str:
        """Run a management command and return what it printed."""
        env = {**self.env, **({"TKNOPS_DB_ROLE": "owner"} if owner else {})}
        done = subprocess.run(
            [sys.executable, str(_BASE / "manage.py"), *arguments],
            env=env, cwd=_BASE, capture_output=True, text=True, check=True,
        )  # fmt: skip
        return done.stdout

    def python(self, code: str, *arguments: str, owner: bool = False) -> str:
        """Run a piece of Python in the installation's environment; return what it printed."""
        env = {**self.env, **({"TKNOPS_DB_ROLE": "owner"} if owner else {})}
        done = subprocess.run(
            [sys.executable, "-c", code, *arguments],
            env=env, cwd=_BASE, stdout=subprocess.PIPE, text=True, check=True,
        )  # fmt: skip
        return done.stdout

    def start_database(self) -> None:
        """Start PostgreSQL, recovering from a kill."""
        start(self.layout)

    def start_web(self) -> None:
        """Start granian with two workers that come back when killed."""
        self.web = subprocess.Popen(
            [
                *web(self.port),
                "--respawn-failed-workers", "--respawn-interval", "0.1", "--log-level", "error",
            ],
            env=self.env, cwd=_BASE, start_new_session=True,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip

    def start_folding(self) -> None:
        """Fold over and over, as the worker does."""
        self.folding = subprocess.Popen(
            [sys.executable, "-c", _FOLD],
            env=self.env, cwd=_BASE, start_new_session=True,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip

    def wait(self) -> None:
        """Wait until the web answers."""
        deadline = time.monotonic() + _READY_WITHIN
        while time.monotonic() < deadline:
            try:
                asking = http.client.HTTPConnection("127.0.0.1", self.port, timeout=2)
                asking.request("GET", "/health/live")
                if asking.getresponse().status == http.client.OK:
                    return
            except OSError:
                time.sleep(0.1)
        message = "the web did not answer"
        raise TimeoutError(message)

    def web_workers(self) -> list[int]:
        """Process ids of granian's workers."""
        listed = subprocess.run(
            ["ps", "-o", "pid=", "--ppid", str(self.web.pid)],
            capture_output=True, text=True, check=False,
        ).stdout  # fmt: skip
        return [int(pid) for pid in listed.split()]

    def web_memory(self) -> list[float]:
        """Return the most memory the web's processes ever held, in MB, the largest first."""
        peaks = []
        for pid in (self.web.pid, *self.web_workers()):
            status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
            line = next(one for one in status.splitlines() if one.startswith("VmHWM"))
            peaks.append(int(line.split()[1]) / 1024)
        return sorted(peaks, reverse=True)

    def kill_database(self) -> None:
        """Kill the postmaster: its children notice and end without a checkpoint."""
        if (pid := process(self.layout)) is not None:
            os.kill(pid, signal.SIGKILL)
            while process(self.layout) is not None:  # one just killed still looks alive
                time.sleep(0.01)

    def sql(self, query: str, *, owner: bool = False) -> list[tuple]:
        """Ask the database."""
        to = database(self.folder, role="owner" if owner else "app")
        with psycopg.connect(
            host=to["HOST"], port=to["PORT"], user=to["USER"], dbname=to["NAME"], autocommit=True
        ) as connection:
            found = connection.execute(query)
            return found.fetchall() if found.description else []

    def end(self) -> None:
        """Stop everything and remove the folder."""
        for part in (self.web, self.folding):
            if part is not None:
                kill_group(part)
        stop(self.layout)
        for folder in {self.folder, self.layout.home, self.layout.sockets}:
            shutil.rmtree(folder, ignore_errors=True)


def kill_group(part: "subprocess.Popen[bytes]") -> None:
    """Kill a part with all its children and reap it."""
    with suppress(ProcessLookupError):
        os.killpg(part.pid, signal.SIGKILL)
    part.wait()


@contextmanager
def installation(folder: Path) -> Iterator[tuple[Installation, str]]:
    """Set up an empty installation; yields it and an API key."""
    made = Installation(folder)
    try:
        made.start_database()
        made.manage("migrate", "--verbosity", "0", owner=True)
        key = made.manage("create_api_key", "--source", "drill", "--scope", "events:write")
        made.start_web()
        made.wait()
        yield made, key.strip().splitlines()[-1]
    finally:
        made.end()
