"""Streams of earning cut at the edges of buckets of days, exactly."""

import datetime as dt
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import pairwise

from billing.revenue.rules import Stream
from tknops.calendar import Period

Cut = tuple[Stream, Period, int]
# The days on which the rate of a currency changes, in order.
RateChanges = Callable[[str], Sequence[dt.date]]


def cut_at(buckets: Iterable[Period], days: Sequence[dt.date]) -> Iterator[Period]:
    """Cut buckets where these days begin."""
    for one in buckets:
        inside = days[bisect_left(days, one.start) : bisect_left(days, one.end)]
        for start, end in pairwise([one.start, *(d for d in inside if d > one.start), one.end]):
            yield Period(start, end)


class _Ordered:
    """Buckets in order of their start, with what finding and cutting needs, as integers."""

    def __init__(self, buckets: Iterable[Period]) -> None:
        self.periods = sorted((b for b in buckets if b.days > 0), key=lambda b: (b.start, b.end))
        self.starts = [one.start.toordinal() for one in self.periods]
        self.ends = [one.end.toordinal() for one in self.periods]
        self.longest = max((one.days for one in self.periods), default=0)

    def between(self, start: int, end: int) -> range:
        """Number the buckets that may touch these days."""
        return range(bisect_left(self.starts, start - self.longest), bisect_left(self.starts, end))


class Buckets:
    """Buckets of days, finer ones of the same days for some customers."""

    def __init__(
        self, buckets: Iterable[Period], own: Mapping[int, Sequence[Period]] | None = None
    ) -> None:
        """Take them in any order; empty ones are left out."""
        self._common = _Ordered(buckets)
        self._own = {customer: _Ordered(some) for customer, some in (own or {}).items()}
        self.empty = not self._common.periods
        if not self.empty:
            ends = dt.date.fromordinal(max(self._common.ends))
            self.whole = Period(self._common.periods[0].start, ends)

    def touching(self, days: Period, customer_id: int | None) -> list[Period]:
        """Return a customer's buckets that may touch the days."""
        if days.days <= 0:
            return []
        mine = self._of(customer_id)
        return [mine.periods[n] for n in mine.between(days.start.toordinal(), days.end.toordinal())]

    def _of(self, customer_id: int | None) -> _Ordered:
        return self._own.get(customer_id or 0, self._common) if self._own else self._common

    def cut(self, streams: Iterable[Stream]) -> Iterator[Cut]:
        """Give each bucket its part of each stream: R(j) − R(i), see recognition.recognised.

        The same figures in integers, an edge of two neighbours worked out once: reports cut a
        hundred thousand lines.
        """
        for stream in streams:
            amount, service = stream.amount_minor, stream.service
            mine = self._of(stream.customer_id)
            start, end = service.start.toordinal(), service.end.toordinal()
            days = end - start
            sign, double, whole = (-1 if amount < 0 else 1), 2 * abs(amount), 2 * days
            reached = earned = 0
            for n in mine.between(start, end):
                first = max(mine.starts[n] - start, 0)
                last = min(mine.ends[n] - start, days)
                if first >= last:
                    continue
                before = earned if first == reached else (double * first + days) // whole
                reached, earned = last, (double * last + days) // whole
                if part := earned - before:
                    yield stream, mine.periods[n], sign * part
