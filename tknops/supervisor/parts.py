"""The commands of the parts, and the management commands run before and between."""

import http.client
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from tknops.supervisor.checks import StoppedError

BASE = Path(__file__).resolve().parent.parent.parent
_SERVER_ERROR = 500
# Background work leaves the processor to the web: accepting usage never waits for folding it.
YIELDING = ("nice", "-n", "5")
# A thread holds a connection to the database while it has work; the embedded one allows 60, and
# granian by itself would start hundreds. Requests beyond them wait their turn.
WEB_THREADS = "12"


def commands(port: int) -> dict[str, list[str]]:
    """Return the command of each part by its name."""
    programs = Path(sys.executable).parent
    celery = [str(programs / "celery"), "--app", "tknops"]
    return {
        "web": [
            str(programs / "granian"), "--interface", "wsgi", "--host", "127.0.0.1",
            "--port", str(port), "--workers", "2", "--blocking-threads", WEB_THREADS,
            "--no-ws", "tknops.wsgi:application",
        ],
        "worker": [
            *YIELDING, *celery, "worker", "--queues", "celery", "--concurrency", "1",
            "--hostname", "folds@%h", "--loglevel", "INFO",
        ],
        # Long work has a worker of its own, so that folding never waits for it.
        "jobs": [
            *YIELDING, *celery, "worker", "--queues", "jobs", "--concurrency", "1",
            "--hostname", "jobs@%h", "--loglevel", "INFO",
        ],
        "beat": [*celery, "beat", "--loglevel", "INFO"],
    }  # fmt: skip


def manage(arguments: list[str], env: Mapping[str, str]) -> None:
    """Run a management command in the foreground.

    Raises StoppedError if it fails; what it said is on the terminal.
    """
    done = subprocess.run(  # noqa: S603 - our own command
        [sys.executable, str(BASE / "manage.py"), *arguments],
        env=dict(env),
        cwd=BASE,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    if done.returncode:
        message = f"manage.py {arguments[0]} failed with exit code {done.returncode}."
        raise StoppedError(message)


def web_answers(port: int) -> bool:
    """Ask for /health/live, past any proxy; an unknown host name or a redirect is an answer too."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", "/health/live")
        return connection.getresponse().status < _SERVER_ERROR
    except (OSError, http.client.HTTPException):
        time.sleep(0.1)
        return False
    finally:
        connection.close()
