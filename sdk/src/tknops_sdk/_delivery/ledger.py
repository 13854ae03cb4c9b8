"""The delivery's own figures: what was settled how, and what the next batch tells of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Optional

from tknops_sdk._counting import Count, Counts
from tknops_sdk._identity import Identity, process_of, ranges, sequence_of
from tknops_sdk._version import VERSION

# Half of what servers commonly take for one header.
_MAX_RANGES = 4096


def _numbers(process: str, events: Sequence[bytes]) -> str:
    """Return which events of a process these are; looked at one by one only if they have gaps."""
    if not events:
        return ""
    first, last = sequence_of(events[0]), sequence_of(events[-1])
    whole = process_of(events[-1]) == process and 0 <= first == last - len(events) + 1
    if whole:
        return ranges([first]) if first == last else f"{first}-{last}"
    return ranges([sequence_of(event) for event in events if process_of(event) == process])


class Ledger:
    """created = delivered + rejected + dropped + waiting, always."""

    def __init__(self, identity: Identity) -> None:
        """Begin at 0."""
        self.identity = identity
        self.created = Count()
        self.dropped = Counts()
        # Changed under the delivery's lock only.
        self.fates = {"stored": 0, "duplicate": 0, "conflict": 0, "rejected": 0}
        self.adopted = dict(self.fates)
        self.batches = self.retries = self.dead_letters = 0
        self.numbered = 0  # of the settled ones, those with ids made here
        self.last_status: Optional[int] = None
        self.last_success: Optional[float] = None
        self.clock_skew: Optional[float] = None
        self.told: dict[str, int] = {}

    @property
    def settled(self) -> int:
        """Own events that need no more care."""
        return sum(self.fates.values()) + self.dropped.total()

    def settle(self, counts: Mapping[str, int], events: Sequence[bytes], *, is_own: bool) -> None:
        """Add the fates of a batch."""
        if is_own:
            process = self.identity.process
            self.numbered += sum(process_of(event) == process for event in events)
        into = self.fates if is_own else self.adopted
        for name, count in counts.items():
            into[name] += count

    def headers(self, events: Sequence[bytes]) -> dict[str, str]:
        """Say who sends and which of its events these are, so that the server can find gaps."""
        process = process_of(events[0]) if events else self.identity.process
        written = _numbers(process, events)
        found = {
            "Tknops-Sdk": f"python/{VERSION}",
            "Tknops-Sdk-Process": process,
            "Tknops-Sdk-Sequence": written if len(written) <= _MAX_RANGES else "",
        }
        if process == self.identity.process:
            found["Tknops-Sdk-Created"] = str(self.identity.made())
            dropped = self.dropped.values()
            if dropped:
                found["Tknops-Sdk-Dropped"] = ", ".join(f"{k}={v}" for k, v in dropped.items())
            self.told = dropped
        return found

    def of_ended(self, process: str, created: int) -> dict[str, str]:
        """Say that nothing more of a process that ended will come, and how much it made."""
        return {
            "Tknops-Sdk": f"python/{VERSION}",
            "Tknops-Sdk-Process": process,
            "Tknops-Sdk-Created": str(created),
            "Tknops-Sdk-Ended": "1",
        }
