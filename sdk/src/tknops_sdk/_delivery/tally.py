"""How many events a process numbered, where it survives the process: a page of shared memory.

kill -9 takes what is in a process's memory along, the count of its events too, and then nobody
knows how many are missing. So each number is also stored in a page of a file in `/dev/shm`: one
step, no system call, no disk that could be slow or full. The next process that finds the file
unlocked tells the server. Where there is no such folder (macOS, Windows) there is no tally: gaps
within what was heard of still show.
"""

from __future__ import annotations

import contextlib
import hashlib
import mmap
import os
import re
import stat
from pathlib import Path
from typing import Optional

from tknops_sdk._delivery._spool import locks
from tknops_sdk._identity import MARKS, Marks
from tknops_sdk._settings import Settings

ROOT = Path("/dev/shm")  # noqa: S108 - a folder of our own is made in it, closed to others
# The numbers' marks, and behind them how many of the events are settled.
_WORDS, _SETTLED = 2 * MARKS, MARKS
_BYTES = 4 * _WORDS
_PROCESS = re.compile(r"7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{4}")
_AT_ONCE = 100


def folder_of(settings: Settings) -> Optional[Path]:
    """Return where the tallies of this server, key and spool are; None if there are none."""
    spool = settings.spool_folder
    if spool is None or not ROOT.is_dir() or not hasattr(os, "getuid"):
        return None
    name = hashlib.sha256(str(spool.absolute()).encode()).hexdigest()[:16]
    return ROOT / f"tknops-sdk-{os.getuid()}" / name


class Tally:
    """The tally of this process; `marks` is what ids are marked in."""

    def __init__(self, path: Path, lock: int, marks: Marks) -> None:
        """Hold a file that is made and locked."""
        self._path, self._lock, self.marks = path, lock, marks

    @classmethod
    def begin(cls, folder: Optional[Path], process: str) -> Optional[Tally]:
        """Make the file, locked before it has its name; None where that cannot be."""
        if folder is None:
            return None
        draft = folder / f".{process}"
        for _ in range(2):  # another process may take the folder down in between
            try:
                _make(folder)
                draft.write_bytes(bytes(_BYTES))  # memory is taken now: no store can fail later
                lock = locks.hold(draft, make=False)
                if lock is None:
                    return None
                marks = _mapped(draft)
                draft.rename(folder / process)
                return cls(folder / process, lock, marks)
            except OSError:
                continue
        return None

    def settle(self, events: int) -> None:
        """Say how many numbered events need no more care."""
        self.marks[_SETTLED] = events & 0xFFFFFFFF

    def take_down(self) -> None:
        """Remove the file: the server knows."""
        _take_down(self._path)

    def let_go(self) -> None:
        """Close the lock; in a forked child it is a copy that would hold it."""
        with contextlib.suppress(OSError):
            os.close(self._lock)


class Ended:
    """The tally of a process that ended, locked by this one until the server was told."""

    def __init__(self, path: Path, lock: int) -> None:
        """Read how far it came."""
        self._path, self._lock = path, lock
        with path.open("rb") as file:
            words = memoryview(file.read(_BYTES).ljust(_BYTES, b"\0")).cast("I")
        self.process = path.name
        self.created = max(words[:MARKS])
        self.is_settled = words[_SETTLED] >= self.created

    def take_down(self) -> None:
        """Remove the file: the server knows."""
        _take_down(self._path)
        self.let_go()

    def let_go(self) -> None:
        """Leave it to another process."""
        with contextlib.suppress(OSError):
            os.close(self._lock)


def ended(folder: Optional[Path]) -> list[Ended]:
    """Take over the tallies of processes that ended, some at a time."""
    found: list[Ended] = []
    for path in others(folder, ""):
        lock = locks.hold(path, make=False)
        if lock is None:
            continue
        try:
            found.append(Ended(path, lock))
        except OSError:
            os.close(lock)
        if len(found) == _AT_ONCE:
            break
    return found


def others(folder: Optional[Path], own: str) -> list[Path]:
    """Return the files of processes other than this one, ended or not."""
    try:
        paths = sorted(folder.iterdir()) if folder is not None else []
    except OSError:
        return []
    return [path for path in paths if _PROCESS.fullmatch(path.name) and path.name != own]


def _make(folder: Path) -> None:
    """Make the folder, nobody else's. Raises OSError."""
    home = folder.parent
    home.mkdir(mode=0o700, exist_ok=True)
    found = home.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o077:
        raise PermissionError(home)
    folder.mkdir(mode=0o700, exist_ok=True)


def _mapped(path: Path) -> Marks:
    """Map a file opened by itself: the mapping must not hold the lock. Raises OSError."""
    descriptor = os.open(path, os.O_RDWR)
    try:
        return memoryview(mmap.mmap(descriptor, _BYTES)).cast("I")
    finally:
        os.close(descriptor)


def _take_down(path: Path) -> None:
    with contextlib.suppress(OSError):
        path.unlink()
        path.parent.rmdir()
