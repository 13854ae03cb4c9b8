"""What must hold before anything starts, each with a sentence when it does not."""

import fcntl
import os
import socket
from pathlib import Path
from typing import IO


class NotStartedError(RuntimeError):
    """Nothing was started; the message says why and what to do."""


def port() -> int:
    """Read PORT (default 8000).

    Raises NotStartedError if it is no port or in use.
    """
    text = os.environ.get("PORT") or "8000"
    if not text.isdecimal() or not 0 < int(text) < 65536:
        message = f"PORT={text} is not a port number (1 to 65535)."
        raise NotStartedError(message)
    number = int(text)
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", number))
        except OSError:
            message = f"Port {number} is in use; choose another: PORT={number + 1} make run"
            raise NotStartedError(message) from None
    return number


def hold(data_dir: Path) -> IO[str]:
    """Take the data folder for this process; free again when the file closes."""
    data_dir.mkdir(parents=True, exist_ok=True)
    file = (data_dir / "tknops.lock").open("a+")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.seek(0)
        message = (
            f"The data folder {data_dir} is in use by process {file.read().strip()}; stop it or "
            "choose another: TKNOPS_DATA=/another/folder make run"
        )
        raise NotStartedError(message) from None
    file.truncate(0)
    file.write(str(os.getpid()))
    file.flush()
    return file
