"""The spool of one process: numbered segments in a folder of its own, oldest sent first.

`<folder>/<process>/00000001.events`: append-only, nothing is kept open but the segment written to.
Nothing touches the disk while events can be sent at once.
"""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Callable, Optional

from tknops_sdk._delivery._spool import locks, records

SEGMENT_BYTES = 1024 * 1024
SUFFIX = ".events"


class FullError(OSError):
    """The spool holds as much as it may."""


class Segment:
    """One file of events; `done` and `offset` say how far it is settled."""

    __slots__ = ("created_at", "done", "events", "is_own", "offset", "path", "size")

    def __init__(
        self, path: Path, size: int = 0, *, is_own: bool = True, created_at: float
    ) -> None:
        """Begin with nothing settled; `size` in bytes."""
        self.path, self.size, self.is_own, self.created_at = path, size, is_own, created_at
        self.events = self.done = self.offset = 0


class Spool:
    """Segments of this process, and those that ended processes left."""

    def __init__(
        self, folder: Path, process: str, *, cap: int, max_age: float,
        clock: Callable[[], float] = time.time,
    ) -> None:  # fmt: skip
        """Remember where; nothing is made before the first event."""
        self.folder, self._own = folder, folder / process
        self._cap, self._max_age, self._clock = cap, max_age, clock
        self.segments: list[Segment] = []
        self._lock: Optional[int] = None
        self._open: Optional[int] = None
        self._number = 0
        self._others = 0
        self._adopted: list[tuple[Path, int]] = []

    @property
    def size(self) -> int:
        """Bytes that wait, those of other processes as last looked."""
        return sum(segment.size for segment in self.segments) + self._others

    @property
    def waiting(self) -> int:
        """Own events that wait."""
        return sum(s.events - s.done for s in self.segments if s.is_own)

    def append(self, events: Sequence[bytes], *, alone: bool = False) -> Segment:
        """Write events to the open segment, or to one of their own. Raises OSError, FullError."""
        data = records.packed(events)
        if self.size + len(data) > self._cap:
            self._others = self._measure()
            if self.size + len(data) > self._cap:
                raise FullError
        if alone or self._open is None or self.segments[-1].size >= SEGMENT_BYTES:
            self._begin()
        segment = self.segments[-1]
        assert self._open is not None  # noqa: S101 - _begin opened it or raised
        records.write_whole(self._open, data)
        segment.size += len(data)
        segment.events += len(events)
        if alone:
            self.seal()
        return segment

    def _begin(self) -> None:
        self.seal()
        if self._lock is None:
            self._own.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._lock = locks.take(self._own)
        self._others = self._measure()
        self._number += 1
        path = self._own / f"{self._number:08d}{SUFFIX}"
        self._open = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self.segments.append(Segment(path, created_at=self._clock()))

    def seal(self) -> None:
        """Close the open segment: the next events begin another."""
        if self._open is not None:
            os.close(self._open)
            self._open = None

    def oldest(self) -> Optional[Segment]:
        """Return the segment to send next, sealed."""
        if not self.segments:
            return None
        if len(self.segments) == 1:
            self.seal()
        return self.segments[0]

    def remove(self, segment: Segment) -> None:
        """Forget a segment whose events are settled."""
        if segment in self.segments:
            if segment is self.segments[-1]:
                self.seal()
            self.segments.remove(segment)
        segment.path.unlink(missing_ok=True)

    def is_expired(self, segment: Segment) -> bool:
        """Tell whether a segment is older than the age cap."""
        return segment.created_at < self._clock() - self._max_age

    def adopt(self) -> int:
        """Take over the segments of processes that ended; return how many there are."""
        self._leave_adopted()
        try:
            folders = sorted(path for path in self.folder.iterdir() if path.is_dir())
        except OSError:
            return 0
        found = 0
        for other in folders:
            if other == self._own or other.name == "dead":
                continue
            lock = locks.take(other)
            if lock is None:
                continue
            self._adopted.append((other, lock))
            for path in sorted(other.glob(f"*{SUFFIX}")):
                found += 1
                stat = path.stat()
                segment = Segment(path, stat.st_size, is_own=False, created_at=stat.st_mtime)
                self.segments.insert(found - 1, segment)
        if found and self._open is not None and len(self.segments) == found:
            self.seal()
        return found

    def holds(self, process: str) -> bool:
        """Tell whether events of a process wait on disk."""
        return any((self.folder / process).glob(f"*{SUFFIX}"))

    def _leave_adopted(self) -> None:
        """Take down the folders whose segments are all sent."""
        busy = {segment.path.parent for segment in self.segments}
        for folder, lock in list(self._adopted):
            if folder not in busy:
                _take_down(folder)
                os.close(lock)
                self._adopted.remove((folder, lock))

    def _measure(self) -> int:
        """Return the bytes of other processes' segments."""
        adopted = {segment.path for segment in self.segments}
        total = 0
        for path in self.folder.glob(f"*/*{SUFFIX}"):
            if path.parent != self._own and path not in adopted:
                try:
                    total += path.stat().st_size
                except OSError:
                    continue
        return total

    def close(self) -> None:
        """Leave: take down what is empty, let go of the rest for the next process."""
        self.seal()
        self._leave_adopted()
        if self._lock is not None and not any(segment.is_own for segment in self.segments):
            _take_down(self._own)
        self.let_go()

    def let_go(self) -> None:
        """Close the descriptors; in a forked child they are copies that would hold the lock."""
        for descriptor in (self._lock, self._open, *(lock for _, lock in self._adopted)):
            if descriptor is not None:
                try:
                    os.close(descriptor)
                except OSError:
                    pass
        self._lock = self._open = None
        self._adopted = []


def _take_down(folder: Path) -> None:
    """Remove a folder of which nothing is left but the lock, the lock last."""
    try:
        (folder / locks.NAME).unlink(missing_ok=True)
        folder.rmdir()
    except OSError:
        pass
