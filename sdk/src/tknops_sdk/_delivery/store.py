"""Disk or memory: where events wait, and what is lost when neither has room."""

from __future__ import annotations

import collections
from collections.abc import Sequence
from typing import Callable, Optional

from tknops_sdk._delivery import _spool
from tknops_sdk._delivery.ledger import Ledger
from tknops_sdk._delivery.work import Work
from tknops_sdk._settings import Settings
from tknops_sdk._troubles import Troubles

_CHUNK_BYTES = 4 * 1024 * 1024
_DISK_AGAIN_AFTER = 5.0  # seconds


class Store:
    """The queue in memory and the spool behind it; the host's threads touch only `queue`."""

    def __init__(
        self, settings: Settings, ledger: Ledger, troubles: Troubles, clock: Callable[[], float]
    ) -> None:
        """Begin empty."""
        self.queue: collections.deque[bytes] = collections.deque()
        self._ledger, self._troubles = ledger, troubles
        self._disk_again_at = 0.0
        self.refusal = "queue_full"
        folder = settings.spool_folder
        self.spool: Optional[_spool.Spool] = None
        if folder is not None:
            self.spool = _spool.Spool(
                folder, ledger.identity.process, cap=settings.spool_bytes,
                max_age=settings.spool_days * 86400, clock=clock,
            )  # fmt: skip

    def take(self, most: int) -> list[bytes]:
        """Take events from memory, oldest first."""
        found: list[bytes] = []
        size = 0
        while len(found) < most and size < _CHUNK_BYTES:
            try:
                found.append(self.queue.popleft())
            except IndexError:
                break
            size += len(found[-1])
        return found

    def give_back(self, events: Sequence[bytes]) -> None:
        """Put events back in front."""
        self.queue.extendleft(reversed(events))

    def keep(self, events: Sequence[bytes], now: float, *, alone: bool = False) -> Optional[object]:
        """Write events to disk; return their segment, None if they must stay in memory."""
        if self.spool is None or not events or now < self._disk_again_at:
            return None
        try:
            kept = self.spool.append(events, alone=alone)
        except _spool.FullError:
            self.refusal = "spool_full"
            self._disk_again_at = now + _DISK_AGAIN_AFTER
            return None
        except OSError:
            self._disk_again_at = now + _DISK_AGAIN_AFTER
            self._troubles.note("spool_unwritable", "the spool folder cannot be written")
            return None
        self.refusal = "queue_full"
        return kept

    def spill(self, now: float) -> None:
        """Move what waits in memory to disk."""
        while self.queue:
            events = self.take(1000)
            if self.keep(events, now) is None:
                self.give_back(events)
                return

    @property
    def has_backlog(self) -> bool:
        """Whether events wait on disk."""
        return self.spool is not None and bool(self.spool.segments)

    def backlog(self, most: int, now: float) -> Optional[Work]:
        """Return the oldest events on disk; what is too old or unreadable is left out, counted."""
        spool = self.spool
        while spool is not None and (segment := spool.oldest()) is not None:
            events: list[bytes] = []
            torn = 0
            end = segment.offset
            if spool.is_expired(segment):
                self._drop("spool_expired", segment)
                continue
            try:
                events, torn, end = _spool.chunk(
                    segment.path, segment.offset, events=most, size=_CHUNK_BYTES
                )
            except OSError:
                self._drop("spool_unreadable", segment)
                continue
            if torn:
                self._troubles.note("spool_torn", "a record of the spool is not whole: skipped")
            if events:
                return Work(events, now, segment, end, is_own=segment.is_own)
            self._drop("spool_torn", segment)
        return None

    def _drop(self, reason: str, segment: _spool.Segment) -> None:
        """Remove a segment; own events of it that were not settled are lost."""
        if segment.is_own:
            self._ledger.dropped.add(reason, max(segment.events - segment.done, 0))
        assert self.spool is not None  # noqa: S101 - there is a segment
        try:
            self.spool.remove(segment)
        except OSError:
            self._troubles.note("spool_unwritable", "a segment of the spool cannot be removed")

    def settle(self, work: Work) -> None:
        """Forget events on disk that are settled."""
        segment = work.segment
        if segment is None or self.spool is None:
            return
        if work.end is not None:
            segment.done += len(work.events)
            segment.offset = work.end
            if segment.offset < segment.size:
                return
            if segment.events > segment.done and segment.is_own:
                self._ledger.dropped.add("spool_torn", segment.events - segment.done)
        try:
            self.spool.remove(segment)
        except OSError:
            self._troubles.note("spool_unwritable", "a segment of the spool cannot be removed")
