"""How measured times are summed up and printed."""

from collections.abc import Sequence


def percentiles(seconds: Sequence[float]) -> tuple[float, float]:
    """Return p50 and p99 in milliseconds."""
    taken = sorted(seconds)
    return 1000 * taken[len(taken) // 2], 1000 * taken[int(len(taken) * 0.99)]
