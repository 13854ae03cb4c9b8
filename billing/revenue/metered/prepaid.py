"""Prepaid credits: earned as usage draws them, the rest by the policy's breakage."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from billing.models import Invoice, RecognitionPolicy
from billing.revenue.metered.usage import Days, Usage, Used, UsedBy, rounded, unit_price
from billing.revenue.policies import Policies
from billing.revenue.rules import BAD_DEBT, BREAKAGE, CREDIT, DRAWDOWN, Billed, Stream, on_day
from tknops.calendar import Period, add_months

_PREPAID = RecognitionPolicy.Prepaid
Purchase = tuple[Billed, int | None]


@dataclass(slots=True)
class _Lot:
    """Credits of one line: bought, drawn so far, earned so far."""

    line: Billed
    policy: RecognitionPolicy
    amount: int
    used: int = 0
    earned: int = 0
    over: bool = False

    @property
    def expiry(self) -> dt.date:
        """Return the day they expire on."""
        months = self.policy.expiry_months
        return add_months(self.line.service.start, months) if months else dt.date.max

    def draw(self, quantity: int, price: Fraction) -> int:
        """Take usage from the credits; return what of it is left."""
        full = -(-Fraction(self.amount) // price)
        taken = min(quantity, max(int(full) - self.used, 0))
        self.used += taken
        return quantity - taken

    def reached(self, price: Fraction) -> int:
        """Return what is earned by now: what was drawn, and breakage in proportion to it."""
        drawn = price * self.used
        if self.policy.prepaid == _PREPAID.PROPORTIONAL:
            drawn /= 1 - Fraction(self.policy.breakage_pct or 0) / 100
        return min(self.amount, rounded(drawn))


def drawn(
    purchases: Sequence[Purchase],
    whole: Period,
    policies: Policies,
    usage: Usage | None,
) -> Iterator[Stream]:
    """Earn prepaid credits: the oldest are drawn first, at their own unit price.

    A credit note takes from what is left of the credits it credits, the rest of it from revenue.
    Credits that expire can be drawn no more; what is left of them is earned then, unless kept.
    """
    groups: dict[object, list[Purchase]] = defaultdict(list)
    for line, credited in purchases:
        groups[line.billing_customer_id, line.plan_id, line.currency].append((line, credited))
    bought = {line.customer_id for line, _ in purchases if line.customer_id}
    used: Mapping[int, UsedBy] = {}
    if usage and bought:
        first = min(line.service.start for line, _ in purchases)
        used = usage(bought, Period(first, max(whole.end, first)))
    for group in groups.values():
        first_line = group[0][0]
        theirs = used.get(first_line.customer_id or 0)
        days = theirs.of(first_line.plan, policies.followers) if theirs else {}
        yield from _of_credits(group, days, whole.end, policies)


def _of_credits(
    group: Sequence[Purchase], used: Days, end: dt.date, policies: Policies
) -> Iterator[Stream]:
    lots = _lots(group, policies)
    notes: dict[dt.date, list[Purchase]] = defaultdict(list)
    for line, credited in group:
        if credited is not None:
            notes[line.issued].append((line, credited))
    days = {*used, *notes, *(lot.expiry for lot in lots)}
    for day in sorted(day for day in days if day < end):
        for note, credited in notes.get(day, ()):
            yield from _taken_back(note, credited, lots)
        yield from _expired(lots, day)
        if day in used:
            yield from _drawn_on(lots, day, used[day])


def _lots(group: Sequence[Purchase], policies: Policies) -> list[_Lot]:
    lots = []
    for line, credited in group:
        policy = policies.prepaid_on(line.plan_id, line.issued)
        if credited is None and policy:
            lots.append(_Lot(line, policy, line.amount_minor))
    return sorted(
        lots, key=lambda lot: (lot.line.service.start, lot.line.issued, lot.line.invoice_id)
    )


def _taken_back(note: Billed, credited: int | None, lots: Iterable[_Lot]) -> Iterator[Stream]:
    left = -note.amount_minor
    for lot in lots:
        if lot.line.invoice_id == credited:
            taken = min(left, lot.amount - lot.earned)
            lot.amount -= taken
            left -= taken
    if left:
        yield _earned(note, note.issued, -left, CREDIT)


def _expired(lots: Iterable[_Lot], day: dt.date) -> Iterator[Stream]:
    for lot in lots:
        if lot.over or day < lot.expiry:
            continue
        lot.over = True
        left = lot.amount - lot.earned
        if left and lot.policy.prepaid != _PREPAID.KEPT:
            lot.earned = lot.amount
            yield _earned(lot.line, lot.expiry, left, BREAKAGE)


def _drawn_on(lots: Iterable[_Lot], day: dt.date, used: Used) -> Iterator[Stream]:
    """Draw a day's usage from the oldest credits on; what is left over draws nothing."""
    share = Fraction(1)  # of the day's usage no lot has taken; lots may measure it differently
    for lot in lots:
        price = unit_price(lot.policy, lot.line.currency)
        quantity = used.of(lot.policy.measure)
        if lot.over or price is None or day < lot.line.service.start or not quantity or not share:
            continue
        wanted = int(share * quantity)
        left = lot.draw(wanted, price)
        share = Fraction(left, quantity)
        now = lot.reached(price)
        if change := now - lot.earned:
            lot.earned = now
            yield _earned(lot.line, day, change, DRAWDOWN)


def _earned(line: Billed, day: dt.date, amount: int, kind: str) -> Stream:
    bad = line.status == Invoice.Status.UNCOLLECTIBLE
    return Stream(
        line.billing_customer_id, line.customer_id, line.plan, line.currency, amount, on_day(day),
        BAD_DEBT if bad else kind, line.issued, None, line.invoice_id,
    )  # fmt: skip
