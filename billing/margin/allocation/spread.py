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
from billing.margin.income import buckets, edges
from billing.margin.query import Question
from billing.measures import NOT_SPLIT, dimension
from billing.revenue.recognition import recognised
from tknops.calendar import Period
from tknops.money import minor_digits
from usage.revisions import Revisions


@dataclass(slots=True)
class Allocated:
    """Shared cost per key, and what stands in other currencies (`elsewhere`: by key too).

    `applies` is false where a filter names a dimension shared cost does not have, `partial` true
    where some of it is not split by one: what is there is known to belong, not all that does.
    """

    applies: bool = True
    partial: bool = False
    by_key: dict[tuple[str, ...], Decimal] = field(default_factory=dict)
    unconverted: dict[str, Decimal] = field(default_factory=dict)
    elsewhere: dict[tuple[tuple[str, ...], str], Decimal] = field(default_factory=dict)


def allocated(question: Question, period: Period, currency: str, revisions: Revisions) -> Allocated:
    """Group shared cost by the question's dimensions.

    A part of a month bears what cumulative difference puts on its days. A dimension a part does
    not have reads '(not split)'; the plans of a customer share its part as they share its usage.
    """
    if not all(dimension(name).has_allocation for name in question.filters):
        return Allocated(applies=False)
    parts = parts_of(whole_months(period), revisions)
    found = Allocated()
    if not parts:
        return found
    labels = Labels(question, revisions)
    # Cut where a label can change; days nobody asked for stay together.
    cuts = buckets(edges(question, period) | _changes(labels, period))
    places = [question.dimensions.index(name) for name in question.filters]
    accepted = list(zip(places, map(frozenset, question.filters.values()), strict=True))
    sums: dict[str, dict[tuple[str, ...], int]] = defaultdict(lambda: defaultdict(int))
    for part, label, minor in _slices(parts, cuts, labels, asks_plan=question.asks_plan):
        refused = [label[place] for place, keys in accepted if label[place] not in keys]
        if refused:
            found.partial |= NOT_SPLIT in refused
        else:
            sums[part.piece.currency][label[: len(question.by)]] += minor
    _convert(sums, found, currency)
    return found


def _changes(labels: Labels, period: Period) -> set[dt.date]:
    """The days of the period on which an attribute of some customer changes."""
    spans = (one for held in labels.attributes.values() for some in held.values() for one in some)
    return {edge for span in spans for edge in span[:2] if period.start < edge < period.end}


def _convert(sums: dict[str, dict[tuple[str, ...], int]], found: Allocated, currency: str) -> None:
    """Write minor units as money; what is in another currency stays apart."""
    for code, by_key in sums.items():
        digits = minor_digits(code)
        if code == currency:
            found.by_key = {key: Decimal(m).scaleb(-digits) for key, m in by_key.items()}
        else:
            found.unconverted[code] = Decimal(sum(by_key.values())).scaleb(-digits)
            found.elsewhere |= {
                (key, code): Decimal(m).scaleb(-digits) for key, m in by_key.items()
            }


def _slices(
    parts: Sequence[Part], cuts: Sequence[Period], labels: Labels, *, asks_plan: bool
) -> Iterator[tuple[Part, tuple[str, ...], int]]:
    """Yield the labels and minor units of every part on every cut of days that it touches."""
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
                    yield part, labels.on(lasting, part, bucket, plan), minor
            elif minor := recognised(part.amount_minor, window, bucket):
                yield part, labels.on(lasting, part, bucket, ""), minor


def _touching(cuts: Sequence[Period], window: Period) -> Sequence[Period]:
    """Find the cuts, in order and side by side, that have days of the window."""
    first = bisect_right(cuts, window.start, key=lambda cut: cut.end)
    last = bisect_left(cuts, window.end, key=lambda cut: cut.start)
    return cuts[first:last]
