"""Which days of a subscription no invoice covers, as half-open spans."""

import datetime as dt
from collections.abc import Iterable, Sequence
from itertools import pairwise

from tknops.calendar import Period


def uncovered(whole: Period, covered: Iterable[Period]) -> list[Period]:
    """Return the parts of `whole` that none of `covered` touches, in order."""
    left: list[Period] = []
    start = whole.start
    for span in sorted(covered, key=lambda span: span.start):
        if span.start > start:
            left.append(Period(start, min(span.start, whole.end)))
        start = max(start, span.end)
        if start >= whole.end:
            return [span for span in left if span.days > 0]
    left.append(Period(start, whole.end))
    return [span for span in left if span.days > 0]


def cut(spans: Sequence[Period], edges: Iterable[dt.date]) -> list[Period]:
    """Cut spans at edges, so that no piece runs over one."""
    pieces = []
    for span in spans:
        inside = sorted(edge for edge in set(edges) if span.start < edge < span.end)
        points = [span.start, *inside, span.end]
        pieces += [Period(a, b) for a, b in pairwise(points)]
    return pieces
