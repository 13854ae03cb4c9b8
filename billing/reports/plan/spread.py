"""How figures of accounts are spread: percentiles, a histogram, and who carries whom."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from tknops.money import divide

PERCENTILES = (10, 25, 50, 75, 90)
_BINS = 16
_STEPS = (Decimal(1), Decimal(2), Decimal(5), Decimal(10))


def percentile(ordered: Sequence[Decimal], percent: int) -> Decimal | None:
    """Return the nearest-rank percentile of values in ascending order; None of no value.

    It is the smallest value that at least so many of 100 values do not exceed: always one of
    them, never interpolated.
    """
    if not ordered:
        return None
    rank = -(-len(ordered) * percent // 100)
    return ordered[max(rank, 1) - 1]


def percentiles(values: Iterable[Decimal | None]) -> dict[str, Decimal | None]:
    """Return p10 … p90 of the values that are known."""
    ordered = sorted(value for value in values if value is not None)
    return {f"p{percent}": percentile(ordered, percent) for percent in PERCENTILES}


@dataclass(frozen=True, slots=True)
class Bin:
    """How many values lie in [low, high); the last is open: high is None."""

    low: Decimal
    high: Decimal | None
    count: int


def histogram(values: Iterable[Decimal], mark: Decimal) -> list[Bin]:
    """Count values of at least 0 in bins of one round width, wide enough for `mark` and P90.

    What lies beyond falls into the last, open bin, so that one outlier does not squeeze the rest.
    """
    ordered = sorted(values)
    top = max(percentile(ordered, 90) or Decimal(0), mark)
    if not ordered or top <= 0:
        return []
    width = _round_width(top * Decimal("1.25") / _BINS)
    last = int(top * Decimal("1.25") // width)
    counts = [0] * (last + 1)
    for value in ordered:
        counts[min(int(max(value, Decimal(0)) // width), last)] += 1
    return [
        Bin(width * place, None if place == last else width * (place + 1), count)
        for place, count in enumerate(counts)
    ]


def _round_width(least: Decimal) -> Decimal:
    """Return the smallest of 1, 2, 5 × 10ⁿ that is no less."""
    unit = Decimal(1).scaleb(least.adjusted())
    return next(step * unit for step in _STEPS if step * unit >= least)


@dataclass(frozen=True, slots=True)
class Subsidy:
    """What paying accounts above water keep, and what those under water take of it."""

    carrying: int
    kept: Decimal
    losing: int
    loss: Decimal

    @property
    def pct(self) -> Decimal | None:
        """Return what of each 100 kept goes to accounts under water; None if none is kept."""
        return divide(self.loss * 100, self.kept, 4)

    @property
    def per_account(self) -> Decimal | None:
        """Return what each account above water carries."""
        return divide(self.loss, Decimal(self.carrying), 6)


def subsidy(margins: Iterable[Decimal | None]) -> Subsidy:
    """Split the margins that are known: Σ max(0, margin) and Σ max(0, −margin)."""
    known = [margin for margin in margins if margin is not None]
    kept = [margin for margin in known if margin > 0]
    lost = [-margin for margin in known if margin < 0]
    return Subsidy(len(kept), sum(kept, Decimal(0)), len(lost), sum(lost, Decimal(0)))
