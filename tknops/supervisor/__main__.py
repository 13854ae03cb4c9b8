"""python -m tknops.supervisor: what `make run` runs."""

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from tknops import embedded
from tknops.supervisor.checks import NotStartedError, hold, port
from tknops.supervisor.processes import Child, spawn, stop_all

_PATIENCE = 60.0


class _StoppedError(Exception):
    """Somebody asked us to stop."""


def _stop(_number: int, _frame: object) -> None:
    raise _StoppedError


def main() -> int:
    """Start everything, stay until asked to stop or a part dies; return the exit code."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _stop)
    data_dir = embedded.data_dir()
    layout = embedded.Layout.of(data_dir)
    children: list[Child] = []
    own_server = not os.environ.get("DATABASE_URL")
    try:
        at = port()
        with hold(data_dir):
            try:
                if own_server:
                    embedded.start(layout)
                return _run(children, data_dir, at)
            finally:
                signal.signal(signal.SIGINT, signal.SIG_IGN)
                stop_all(children)
                if own_server:
                    embedded.stop(layout)
    except _StoppedError:
        sys.stdout.write("\nStopped.\n")
        return 0
    except (NotStartedError, embedded.EmbeddedError) as error:
        sys.stderr.write(f"{error}\n")
        return 1


def _run(children: list[Child], data_dir: Path, number: int) -> int:
    url = f"http://127.0.0.1:{number}"
    env = {**os.environ, "TKNOPS_DATA": str(data_dir), "TKNOPS_URL": url}
    owner = {**env, "TKNOPS_DB_ROLE": "owner"}
    _manage(["migrate", "--verbosity", "0"], owner)
    _manage(["prepare_installation"], env)
    for name, command in _commands(number, data_dir).items():
        children.append(spawn(name, command, data_dir / "logs", env))
    _wait_for_web(children, url)
    _manage(["first_run"], env)
    while True:
        for child in children:
            if child.process.poll() is not None:
                message = f"{child.obituary()}\nStopping the rest."
                raise NotStartedError(message)
        time.sleep(0.5)


def _commands(number: int, data_dir: Path) -> dict[str, list[str]]:
    programs = Path(sys.executable).parent
    celery = [str(programs / "celery"), "--app", "tknops"]
    return {
        "web": [
            str(programs / "granian"), "--interface", "wsgi", "--host", "127.0.0.1",
            "--port", str(number), "--workers", "2", "--no-ws", "tknops.wsgi:application",
        ],
        "worker": [*celery, "worker", "--concurrency", "1", "--loglevel", "INFO"],
        "beat": [
            *celery, "beat", "--loglevel", "INFO", "--pidfile", str(data_dir / "beat.pid"),
        ],
    }  # fmt: skip


def _manage(arguments: list[str], env: dict[str, str]) -> None:
    done = subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "manage.py", *arguments], env=env, check=False
    )
    if done.returncode:
        message = f"manage.py {arguments[0]} failed with exit code {done.returncode}."
        raise NotStartedError(message)


def _wait_for_web(children: list[Child], url: str) -> None:
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        for child in children:
            if child.process.poll() is not None:
                raise NotStartedError(child.obituary())
        try:
            with urllib.request.urlopen(f"{url}/health/live", timeout=2):  # noqa: S310
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    message = f"The web server did not answer on {url} within {_PATIENCE:.0f} seconds."
    raise NotStartedError(message)


sys.exit(main())
