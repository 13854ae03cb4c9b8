"""What a run counted, what did not tie, how long each part took."""

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

_SHOWN = 3
# What may not tie: the defects that can be seeded.
TIES = {
    "slice": "lines and invoices whose slices do not sum to them",
    "month": "months of accounts that do not tie, or have deferred revenue after the last service",
    "mrr": "account months whose movements of MRR do not sum to its change",
    "parts": "providers, models and days whose parts do not sum to the variance",
    "journal": "entries, currencies and months of the journal that do not balance",
}


class Found:
    """Counts; `seeds` says once whether a defect of a kind is to be put in."""

    def __init__(self, defect: str | None) -> None:
        """Take the defect to seed."""
        self.done: Counter[str] = Counter()
        self.wrong: Counter[str] = Counter()
        self.seconds: Counter[str] = Counter()
        self.defect, self._unseeded = defect, defect

    def seeds(self, kind: str) -> bool:
        """Whether to seed this defect now: only once."""
        if self._unseeded != kind:
            return False
        self._unseeded = None
        return True

    def tie(self, kind: str, what: object, left: object, right: object) -> None:
        """Count what differs, and show the first."""
        if left != right:
            self.wrong[kind] += 1
            if self.wrong[kind] <= _SHOWN:
                print(f"does not tie ({kind}): {what}: {left} and {right}")

    @contextmanager
    def timed(self, part: str) -> Iterator[None]:
        """Add up the seconds of a part."""
        begun = time.perf_counter()
        yield
        self.seconds[part] += time.perf_counter() - begun

    @property
    def exit_code(self) -> int:
        """0 if all ties; with a defect, if that and nothing else was found."""
        if self.defect:
            return 0 if set(+self.wrong) == {self.defect} else 1
        return 1 if +self.wrong else 0
