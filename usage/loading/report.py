"""What became of a file: counts by fate, and why not all of it counts in the reports."""

from collections import Counter
from dataclasses import dataclass, field

from usage.ingest import IngestResult, Outcome

_FIRST_REASONS = 20


@dataclass(slots=True)
class LoadReport:
    """Counts by fate, codes, the first reasons of rejection with their line, and gaps."""

    counts: Counter[str] = field(default_factory=Counter)
    codes: Counter[str] = field(default_factory=Counter)
    ignored: Counter[str] = field(default_factory=Counter)
    reasons: list[str] = field(default_factory=list)
    unattributed: Counter[str] = field(default_factory=Counter)
    unpriced: Counter[str] = field(default_factory=Counter)
    batches: list[int] = field(default_factory=list)
    cancelled: bool = False

    @property
    def checked(self) -> int:
        """How many records met a fate."""
        return sum(self.counts.values())

    def add(self, result: IngestResult, lines: list[int]) -> None:
        """Add a batch, whose records stood in these lines."""
        for outcome in Outcome:
            self.counts[outcome] += result.count(outcome)
        self.ignored.update(result.ignored)
        if result.batch_id:
            self.batches.append(result.batch_id)
        for rejected in result.rejected:
            line = lines[min(rejected.index, len(lines) - 1)]
            self.reject(line, rejected.error.code, rejected.error.detail)

    def reject(self, line: int, code: str, detail: str) -> None:
        """Note a rejection and where it stands."""
        self.codes[code] += 1
        if len(self.reasons) < _FIRST_REASONS:
            self.reasons.append(f"line {line}: {code}: {detail}")
