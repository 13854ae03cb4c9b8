"""The margin's shared side: parts of pools spread over days and grouped as a question asks."""

import datetime as dt
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from billing.margin.allocation.labels import Labels
from billing.margin.allocation.parts import Part, parts_of
from billing.margin.allocation.plans import Plans
from billing.margin.allocation.rows import whole_months
from billing.margin.conversion import Conversion
from billing.margin.income import buckets, edges
from billing.margin.query import Question
from billing.margin.worth import Elsewhere, Waiting, Worth, waiting_of
from billing.measures import NOT_SPLIT, dimension
from billing.rates import Rate
from billing.revenue.recognition import recognised
from tknops.calendar import Period
from tknops.money import minor_digits
from usage.revisions import Revisions


@dataclass(slots=True)
class Allocated:
    """Shared cost per key, the rates it rests on, and what waits for a rate by key and day.

    `applies` is false where a filter names a dimension shared cost does not have, `partial` true
    where some of it is not split by one: what is there is known to belong, not all that does.
    """

    applies: bool = True
    partial: bool = False
    by_key: dict[tuple[str, ...], Decimal] = field(default_factory=dict)
    rates: dict[tuple[str, ...], set[Rate]] = field(default_factory=lambda: defaultdict(set))
    elsewhere: Elsewhere = field(default_factory=dict)

    @property
    def waiting(self) -> Waiting:
        """What waits for a rate, by currency and day."""
        return waiting_of(self.elsewhere)

    def add(self, key: tuple[str, ...], amount: Decimal) -> None:
        """Count shared cost of a key."""
        self.by_key[key] = self.by_key.get(key, Decimal(0)) + amount

    def leave(self, key: tuple[str, ...], currency: str, day: dt.date, amount: Decimal) -> None:
        """Count what has no rate on a day."""
        place = (key, currency, day)
        self.elsewhere[place] = self.elsewhere.get(place, Decimal(0)) + amount


def allocated(question: Question, period: Period, currency: str, revisions: Revisions) -> Allocated:
    """Group shared cost by the question's dimensions.

    A part of a month bears what cumulative difference puts on its days. A dimension a part does
    not have reads '(not split)'; the plans of a customer share its part as they share its usage.
    """
    if question.only or not all(dimension(name).has_allocation for name in question.filters):
        return Allocated(applies=False)
    parts = parts_of(whole_months(period), revisions)
    found = Allocated()
    if not parts:
        return found
    labels = Labels(question, revisions)
    into = Conversion(currency, revisions, question.rates_on)
    codes = {part.piece.currency for part in parts}
    # Cut where a label or a rate can change; days nobody asked for stay together.
    cuts = buckets(edges(question, period) | _changes(labels, period) | into.edges(codes, period))
    places = [question.dimensions.index(name) for name in question.filters]
    accepted = list(zip(places, map(frozenset, question.filters.values()), strict=True))
    for part, bucket, label, minor in _slices(parts, cuts, labels, asks_plan=question.asks_plan):
        refused = [label[place] for place, keys in accepted if label[place] not in keys]
        if refused:
            found.partial |= NOT_SPLIT in refused
        else:
            worth = Worth(into, max(bucket.start, part.piece.window.start))
            _add(found, label[: len(question.by)], minor, part.piece.currency, worth)
    return found


def _changes(labels: Labels, period: Period) -> set[dt.date]:
    """The days of the period on which an attribute of some customer changes."""
    spans = (one for held in labels.attributes.values() for some in held.values() for one in some)
    return {edge for span in spans for edge in span[:2] if period.start < edge < period.end}


def _add(found: Allocated, key: tuple[str, ...], minor: int, currency: str, worth: Worth) -> None:
    """Add minor units of some days as money; what has no rate stays apart."""
    amount = Decimal(minor).scaleb(-minor_digits(currency))
    converted = worth.of(amount, currency)
    if converted is None:
        found.leave(key, currency, worth.day, amount)
        return
    found.add(key, converted)
    if worth.rates:
        found.rates[key] |= worth.rates


def _slices(
    parts: Sequence[Part], cuts: Sequence[Period], labels: Labels, *, asks_plan: bool
) -> Iterator[tuple[Part, Period, tuple[str, ...], int]]:
    """Yield the days, labels and minor units of every part on every cut of days that it touches."""
    plans = Plans() if asks_plan else None
    touched: dict[Period, Sequence[Period]] = {}
    for part in parts:
        window = part.piece.window
        if window not in touched:
            touched[window] = _touching(cuts, window)
        lasting = labels.lasting(part)
        for bucket in touched[window]:
            if plans is not None and part.kind == "customer":
                customer = labels.customers.get(part.target)
                for plan, minor in plans.share(part, bucket, customer):
                    yield part, bucket, labels.on(lasting, part, bucket, plan), minor
            elif minor := recognised(part.amount_minor, window, bucket):
                yield part, bucket, labels.on(lasting, part, bucket, ""), minor


def _touching(cuts: Sequence[Period], window: Period) -> Sequence[Period]:
    """Find the cuts, in order and side by side, that have days of the window."""
    first = bisect_right(cuts, window.start, key=lambda cut: cut.end)
    last = bisect_left(cuts, window.end, key=lambda cut: cut.start)
    return cuts[first:last]
