"""What must hold before anything starts, each with a sentence when it does not."""

import fcntl
import os
import socket
from pathlib import Path
from typing import IO

_HIGHEST_PORT = 65535


class StoppedError(RuntimeError):
    """It does not run, or not any more; the message says why and what to do."""


def port() -> int:
    """Read PORT (default 8000).

    Raises StoppedError if it is no port or in use.
    """
    text = os.environ.get("PORT") or "8000"
    if not (text.isascii() and text.isdecimal() and 0 < int(text) <= _HIGHEST_PORT):
        message = f"PORT={text} is not a port number (1 to {_HIGHEST_PORT})."
        raise StoppedError(message)
    number = int(text)
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", number))
        except PermissionError:
            message = f"Port {number} needs root; choose another with PORT=8000 make run"
            raise StoppedError(message) from None
        except OSError:
            other = number + 1 if number < _HIGHEST_PORT else number - 1
            message = f"Port {number} is in use; choose another with PORT={other} make run"
            raise StoppedError(message) from None
    return number


def hold(data_dir: Path) -> IO[str]:
    """Take the data folder for this process; free again when the file closes.

    Raises StoppedError naming the folder and the process that has it.
    """
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        file = (data_dir / "tknops.lock").open("a+")
    except OSError as error:
        message = f"The data folder {data_dir} cannot be written: {error.strerror}."
        raise StoppedError(message) from None
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        with file:
            file.seek(0)
            message = (
                f"The data folder {data_dir} is in use by process {file.read().strip()}; stop it "
                "or choose another with TKNOPS_DATA=/another/folder make run"
            )
        raise StoppedError(message) from None
    file.truncate(0)
    file.write(str(os.getpid()))
    file.flush()
    return file
