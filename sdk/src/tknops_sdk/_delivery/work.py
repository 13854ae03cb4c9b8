"""What is being sent: events handed over from memory, or a chunk of a segment on disk."""

from __future__ import annotations

from typing import Optional

from tknops_sdk._delivery._spool import Segment


class Work:
    """Events in one request. `segment` is where they stand on disk, if they do.

    `end` is the segment's offset behind them; None for events from memory that were journaled
    while a slow answer was waited for.
    """

    __slots__ = ("end", "events", "is_own", "segment", "since")

    def __init__(
        self, events: list[bytes], since: float, segment: Optional[Segment] = None,
        end: Optional[int] = None, *, is_own: bool = True,
    ) -> None:  # fmt: skip
        """Begin at `since` of the monotonic clock."""
        self.events, self.since, self.segment = events, since, segment
        self.end, self.is_own = end, is_own
