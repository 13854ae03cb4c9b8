"""A customer's part shared over its plans by daily contracted revenue, as its usage is."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator

from billing.margin.allocation.parts import Part
from billing.margin.meaning import WHOLE, plan_shares
from billing.measures import NO_PLAN
from billing.revenue import plan_intervals
from billing.revenue.recognition import recognised
from billing.revenue.spans import uncovered
from tknops.calendar import Period
from tknops.money import cumulative_share

# (plan, from, to): the plan's cumulative shares of WHOLE.
_Shares = list[tuple[str, int, int]]


class Plans:
    """Who is on which plan in the months asked, each read once."""

    def __init__(self) -> None:
        """Start with none read."""
        self._months: dict[Period, dict[int, dict[Period, _Shares]]] = {}

    def share(self, part: Part, bucket: Period, customer: int | None) -> Iterator[tuple[str, int]]:
        """Split what falls on a bucket over the plans; any cut of the days sums to the same."""
        window = part.piece.window
        for span, shares in self._spans(part.piece.month, customer):
            start, end = max(span.start, bucket.start), min(span.end, bucket.end)
            if start >= end:
                continue
            before = recognised(part.amount_minor, window, Period(span.start, start))
            after = recognised(part.amount_minor, window, Period(span.start, end))
            for plan, lower, upper in shares:
                amount = _between(after, lower, upper) - _between(before, lower, upper)
                if amount:
                    yield plan, amount

    def _spans(self, month: Period, customer: int | None) -> list[tuple[Period, _Shares]]:
        if month not in self._months:
            self._months[month] = _read(month)
        spans = self._months[month].get(customer or 0, {})
        free = uncovered(month, spans)
        return [*spans.items(), *((span, [(NO_PLAN, 0, WHOLE)]) for span in free)]


def _between(amount: int, lower: int, upper: int) -> int:
    return cumulative_share(amount, upper, WHOLE) - cumulative_share(amount, lower, WHOLE)


def _read(month: Period) -> dict[int, dict[Period, _Shares]]:
    found: dict[int, dict[Period, _Shares]] = defaultdict(lambda: defaultdict(list))
    for row in plan_shares(plan_intervals(month)).to_pylist():
        start: dt.date = row["start"]
        span = Period(start, row["end"])
        found[row["customer_id"]][span].append((row["plan"], row["from_share"], row["to_share"]))
    return found
