"""One owner of a folder: an advisory lock that ends with its process, however that ends."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Optional

if sys.platform == "win32":  # pragma: no cover
    import msvcrt

    def _lock(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


NAME = "lock"


def take(folder: Path) -> Optional[int]:
    """Return a descriptor that holds the folder's lock, None if another process has it."""
    return hold(folder / NAME)


def hold(path: Path, *, make: bool = True) -> Optional[int]:
    """Return a descriptor that holds a file's lock, None if another has it or there is no file."""
    try:
        descriptor = os.open(path, os.O_RDWR | (os.O_CREAT if make else 0), 0o600)
    except OSError:
        return None
    try:
        _lock(descriptor)
        # It may have been taken down while we waited to look at it.
        if os.fstat(descriptor).st_ino == path.stat().st_ino:
            return descriptor
    except OSError:
        pass
    os.close(descriptor)
    return None
