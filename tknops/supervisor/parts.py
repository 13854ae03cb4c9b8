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
# What computes leaves the processor to the web: accepting usage never waits for folding it, nor for
# a report. On a machine busy with usage a page takes longer, never the other way round.
GIVING_WAY = (sys.executable, "-m", "tknops.giving_way")
# A thread keeps a connection to the database; the embedded one allows 60, and granian by itself
# would start hundreds. Requests beyond them wait their turn. Of the web's, ANSWERS_AT_ONCE (8) may
# wait for answers at a time.
WEB_THREADS, ANSWER_THREADS = "16", "8"
_WORKERS = "2"


def web(port: int) -> list[str]:
    """Return the command that takes usage in, and passes on all else where ANSWERS_SOCKET says."""
    return [
        *_granian(), "--host", "127.0.0.1", "--port", str(port),
        "--blocking-threads", WEB_THREADS, "tknops.wsgi:doors",
    ]  # fmt: skip


def answers(file: Path) -> list[str]:
    """Return the command that makes pages and reports, asked through the socket `file`.

    One of its processes that ends, for want of memory say, is started again.
    """
    return [
        *GIVING_WAY, *_granian(), "--uds", str(file), "--uds-permissions", "600",
        "--blocking-threads", ANSWER_THREADS, "--respawn-failed-workers", "tknops.wsgi:application",
    ]  # fmt: skip


def _granian() -> list[str]:
    program = str(Path(sys.executable).parent / "granian")
    return [program, "--interface", "wsgi", "--no-ws", "--workers", _WORKERS]


def commands(port: int, answers_socket: Path) -> dict[str, list[str]]:
    """Return the command of each part by its name."""
    celery = [str(Path(sys.executable).parent / "celery"), "--app", "tknops"]
    return {
        "answers": answers(answers_socket),
        "web": web(port),
        "worker": [
            *GIVING_WAY, *celery, "worker", "--queues", "celery", "--concurrency", "1",
            "--hostname", "folds@%h", "--loglevel", "INFO",
        ],
        # Long work has a worker of its own, so that folding never waits for it.
        "jobs": [
            *GIVING_WAY, *celery, "worker", "--queues", "jobs", "--concurrency", "1",
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
