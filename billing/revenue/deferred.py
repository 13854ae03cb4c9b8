"""Deferred revenue: what was invoiced less what is recognised of it, month by month."""

import datetime as dt
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from billing.revenue.billed import billed_lines
from billing.revenue.contra import contra
from billing.revenue.metered import Usage, drawn
from billing.revenue.policies import Policies
from billing.revenue.recognition import recognised
from billing.revenue.rules import BAD_DEBT, Stream
from tknops.calendar import Period

# Currency and billing customer.
Key = tuple[str, int]


@dataclass(slots=True)
class Month:
    """What happened in a month, in minor units; `unbilled`, at its end, is positive.

    `contra` was refunded or disputed without a note: it lowers revenue at once and is never part
    of what is deferred.
    """

    opening: int = 0
    invoiced: int = 0
    recognised: int = 0
    bad_debt: int = 0
    contra: int = 0
    unbilled: int = 0

    @property
    def closing(self) -> int:
        """Return opening + invoiced − recognised − bad debt."""
        return self.opening + self.invoiced - self.recognised - self.bad_debt

    @property
    def deferred(self) -> int:
        """Return what is invoiced and not yet earned: the closing without what is not billed."""
        return self.closing + self.unbilled

    def add(self, other: "Month") -> None:
        """Add another account's month."""
        for name in self.__slots__:
            setattr(self, name, getattr(self, name) + getattr(other, name))

    @property
    def empty(self) -> bool:
        """Whether nothing was open and nothing happened."""
        return not any(getattr(self, name) for name in self.__slots__)


class RollForward:
    """The months of each account, opening to closing."""

    def __init__(self, months: Sequence[Period]) -> None:
        """Take whole months in order, each beginning where the one before ends."""
        self.months = list(months)
        self.whole = Period(months[0].start, months[-1].end)
        self._starts = [month.start.toordinal() for month in months]
        self._ends = [month.end.toordinal() for month in months]
        self.by_key: dict[Key, list[Month]] = {}

    def of(self, key: Key) -> list[Month]:
        """Return an account's months."""
        found = self.by_key.get(key)
        if found is None:
            found = self.by_key[key] = [Month() for _ in self.months]
        return found

    def read(self, key: Key) -> list[Month]:
        """Return an account's months, empty ones where there is none."""
        return self.by_key.get(key) or [Month() for _ in self.months]

    def total(self, currency: str) -> list[Month]:
        """Return the months of all accounts in a currency."""
        found = [Month() for _ in self.months]
        for (code, _), months in self.by_key.items():
            if code == currency:
                for month, other in zip(found, months, strict=True):
                    month.add(other)
        return found

    def invoice(self, key: Key, issued: dt.date, amount: int) -> None:
        """Count an amount invoiced on a day."""
        months = self.of(key)
        if issued < self.whole.start:
            months[0].opening += amount
        elif issued < self.whole.end:
            months[bisect_right(self._starts, issued.toordinal()) - 1].invoiced += amount

    def earn(self, stream: Stream) -> None:
        """Count what is recognised of a stream: R at each month's end less R at the one before.

        The same figures as recognition.recognised, in integers: lines come by the hundred thousand.
        """
        months = self.of((stream.currency, stream.billing_customer_id))
        amount, service, bad = stream.amount_minor, stream.service, stream.kind == BAD_DEBT
        start, end = service.start.toordinal(), service.end.toordinal()
        days = end - start
        sign, double, whole = (-1 if amount < 0 else 1), 2 * abs(amount), 2 * days
        done = min(max(self._starts[0] - start, 0), days)
        earned = sign * ((double * done + days) // whole)
        months[0].opening -= earned
        first = max(bisect_right(self._starts, start) - 1, 0)
        last, billed = bisect_left(self._starts, end), self._billed_after(stream)
        for n in range(first, last):
            # Service may begin after the last of the months: then nothing is earned in it.
            done = min(max(self._ends[n] - start, 0), days)
            before, earned = earned, sign * ((double * done + days) // whole)
            if bad:
                months[n].bad_debt += earned - before
            else:
                months[n].recognised += earned - before
            if n < billed:
                months[n].unbilled += earned
        for n in range(max(first, last), billed):
            months[n].unbilled += amount

    def _billed_after(self, stream: Stream) -> int:
        """Count the months that end before a stream is invoiced: what it earns is unbilled then."""
        if stream.issued is None or stream.issued <= stream.service.start:
            return 0
        return bisect_right(self._ends, stream.issued.toordinal())

    def reverse(self, stream: Stream) -> None:
        """Count contra-revenue of a day."""
        months = self.of((stream.currency, stream.billing_customer_id))
        day = stream.service.start.toordinal()
        months[bisect_right(self._starts, day) - 1].contra += stream.amount_minor

    def close(self) -> None:
        """Carry each month's closing over, and drop accounts of which nothing is left."""
        for key, months in list(self.by_key.items()):
            for month, following in pairwise(months):
                following.opening = month.closing
            if all(month.empty for month in months):
                del self.by_key[key]


def roll_forward(
    months: Sequence[Period], usage: Usage | None = None, policies: Policies | None = None
) -> RollForward:
    """Roll the deferred revenue of every account and currency through consecutive months."""
    found = RollForward(months)
    policies = policies or Policies()
    lines = billed_lines(found.whole, policies, issued=True)
    roll(found, lines.streams)
    for line, _ in lines.purchases:
        found.invoice((line.currency, line.billing_customer_id), line.issued, line.amount_minor)
    for stream in drawn(lines.purchases, found.whole, policies, usage):
        found.earn(stream)
    for one in contra(found.whole) if policies.has_contra else ():
        found.reverse(one.stream)
    found.close()
    return found


def roll(found: RollForward, streams: Iterable[Stream]) -> None:
    """Count streams that are invoiced whole on one day."""
    for stream in streams:
        if stream.issued is not None:
            key = (stream.currency, stream.billing_customer_id)
            found.invoice(key, stream.issued, stream.amount_minor)
        found.earn(stream)


def open_lines(day: dt.date, account: int) -> list[tuple[Stream, int]]:
    """List an account's lines invoiced before a day with what is left to earn of each then.

    Below 0 where it was earned before it is invoiced. Prepaid credits are not among them: what is
    left of those hangs on usage.
    """
    last = Period(day - dt.timedelta(days=1), day)
    found = []
    for stream in billed_lines(last, Policies(), issued=True, account=account).streams:
        start = min(stream.service.start, day)
        earned = recognised(stream.amount_minor, stream.service, Period(start, day))
        invoiced = stream.amount_minor if stream.issued and stream.issued < day else 0
        if left := invoiced - earned:
            found.append((stream, left))
    return sorted(found, key=lambda one: (one[0].service.end, one[0].invoice_id or 0))
