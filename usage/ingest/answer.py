"""What became of a request, as the answer contract words it."""

import enum
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from usage.ingest.decoded import Rejected

_LISTED = 100


class Outcome(enum.StrEnum):
    """Fate of one event."""

    STORED = "stored"
    DUPLICATE = "duplicate"
    CONFLICT = "conflict"
    REJECTED = "rejected"


@dataclass(slots=True)
class IngestResult:
    """Counts (they add up to `received`), each event's fate, and warnings."""

    received: int
    ids: dict[int, str]
    outcomes: dict[int, Outcome]
    rejected: list[Rejected]
    quarantine: dict[int, int] = field(default_factory=dict)
    warnings: list[dict[str, Any]] = field(default_factory=list)
    ignored: dict[str, int] = field(default_factory=dict)
    batch_id: int = 0
    # Stored events of a closed month: they are posted in the first open one.
    late: set[int] = field(default_factory=set)
    _counts: Counter[Outcome] = field(init=False)

    def __post_init__(self) -> None:
        """Count once: the ledger and the answer both ask, for each fate."""
        self._counts = Counter(self.outcomes.values())

    def count(self, outcome: Outcome) -> int:
        """How many events met this fate."""
        if outcome is Outcome.REJECTED:
            return len(self.rejected)
        return self._counts[outcome]

    @property
    def all_rejected(self) -> bool:
        """Whether there were events and none could be taken."""
        return bool(self.received) and len(self.rejected) == self.received

    def errors(self) -> list[dict[str, Any]]:
        """List the rejected events, at most 100."""
        return [
            {
                "index": rejected.index,
                "id": rejected.id,
                "status": Outcome.REJECTED,
                "code": rejected.error.code,
                "pointer": f"/events/{rejected.index}{rejected.error.pointer}",
                "detail": rejected.error.detail,
                "retryable": False,
                "quarantine_id": f"q_{self.quarantine[rejected.index]}",
            }
            for rejected in self.rejected[:_LISTED]
        ]

    def body(self, *, verbose: bool = False) -> dict[str, Any]:
        """Render the answer; without `verbose` only events not newly stored are listed."""
        entries = [
            {"index": index, "id": self.ids[index], "status": outcome}
            | ({"late": True} if index in self.late and outcome is Outcome.STORED else {})
            for index, outcome in self.outcomes.items()
            if verbose or outcome is not Outcome.STORED or index in self.late
        ]
        body: dict[str, Any] = {str(outcome): self.count(outcome) for outcome in Outcome}
        body["results"] = sorted([*entries, *self.errors()], key=lambda entry: entry["index"])
        if self.ignored:
            body["ignored"] = self.ignored
        if self.warnings:
            body["warnings"] = self.warnings
        return body
