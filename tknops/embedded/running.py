"""Run a program of PostgreSQL as its account."""

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

from tknops.embedded.account import Account
from tknops.embedded.errors import EmbeddedError
from tknops.embedded.layout import Layout


def run(
    account: Account, layout: Layout, command: Sequence[str | Path], *, log_from: int | None = None
) -> None:
    """Run it in a session of its own, out of reach of the terminal's Ctrl-C.

    Raises EmbeddedError with what it said, and what the server's log gained since `log_from`.
    """
    done = subprocess.run(  # noqa: S603 - fixed programs and our own paths
        [str(part) for part in command],
        capture_output=True,
        stdin=subprocess.DEVNULL,
        text=True,
        check=False,
        cwd="/",
        env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C"},
        start_new_session=True,
        **account.subprocess_options(),
    )
    if done.returncode:
        said = _tail(layout.log, log_from) if log_from is not None else ""
        message = f"{Path(command[0]).name} failed for {layout.cluster}:\n{done.stderr}{said}"
        raise EmbeddedError(message.rstrip())


def _tail(log: Path, start: int) -> str:
    with log.open("rb") as file:
        file.seek(start)
        return "\n".join(file.read().decode(errors="replace").splitlines()[-8:])
