"""The margin's shared side: parts of pools spread over days and grouped as a question asks."""

import datetime as dt
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from billing.margin.allocation.parts import Part, parts_of
from billing.margin.allocation.plans import Plans
from billing.margin.allocation.rows import whole_months
from billing.margin.income import buckets
from billing.margin.meaning import customer_attributes
from billing.margin.query import Question
from billing.measures import ATTRIBUTE, NONE, NOT_SPLIT, dimension
from billing.revenue.recognition import recognised
from customers.models import Customer
from tknops.calendar import Period
from tknops.money import minor_digits
from usage.revisions import Revisions

_Values = dict[str, list[tuple[int, dt.date, dt.date, str]]]


@dataclass(slots=True)
class Allocated:
    """Shared cost per key, and what stands in other currencies.

    `applies` is false where a filter names a dimension shared cost does not have.
    """

    applies: bool = True
    by_key: dict[tuple[str, ...], Decimal] = field(default_factory=dict)
    unconverted: dict[str, Decimal] = field(default_factory=dict)


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
    labels = _Labels(question)
    # Cut where a label can change; days nobody asked for stay together.
    cuts = buckets(question, period, labels.attributes)
    plans = Plans() if question.asks_plan else None
    for part in parts:
        for bucket in _touching(cuts, part.piece.window):
            for plan, minor in _by_plan(part, bucket, plans, labels):
                _add(found, question, labels.of(part, bucket, plan), part, minor, currency)
    return found


def _add(
    found: Allocated, question: Question, labels: dict[str, str], part: Part, minor: int,
    currency: str,
) -> None:  # fmt: skip
    if any(labels[name] not in accepted for name, accepted in question.filters.items()):
        return
    amount = Decimal(minor).scaleb(-minor_digits(part.piece.currency))
    if part.piece.currency != currency:
        before = found.unconverted.get(part.piece.currency, Decimal(0))
        found.unconverted[part.piece.currency] = before + amount
        return
    key = tuple(labels[name] for name in question.by)
    found.by_key[key] = found.by_key.get(key, Decimal(0)) + amount


def _touching(cuts: Sequence[Period], window: Period) -> Sequence[Period]:
    """Find the cuts, in order and side by side, that have days of the window."""
    first = bisect_right(cuts, window.start, key=lambda cut: cut.end)
    last = bisect_left(cuts, window.end, key=lambda cut: cut.start)
    return cuts[first:last]


def _by_plan(
    part: Part, bucket: Period, plans: Plans | None, labels: "_Labels"
) -> Iterator[tuple[str, int]]:
    """Yield plan and amount of a bucket; '' for the plan where the part's own label counts."""
    if plans is not None and part.kind == "customer":
        yield from plans.share(part, bucket, labels.customers.get(part.target))
    elif minor := recognised(part.amount_minor, part.piece.window, bucket):
        yield "", minor


class _Labels:
    """What a part reads in each dimension of a question, on the days of a bucket."""

    def __init__(self, question: Question) -> None:
        self._names = question.dimensions
        self.attributes: _Values = {n: customer_attributes(n) for n in question.attributes}
        self.customers: dict[str, int] = {}
        if question.asks_plan or self.attributes:
            self.customers = dict(Customer.objects.values_list("external_id", "pk"))
        self._values: dict[tuple[str, int], list[tuple[dt.date, dt.date, str]]]
        self._values = defaultdict(list)
        for name, rows in self.attributes.items():
            for customer, start, end, value in rows:
                self._values[name, customer].append((start, end, value))

    def of(self, part: Part, bucket: Period, plan: str) -> dict[str, str]:
        """Label a part."""
        return {name: self._label(name, part, bucket, plan) for name in self._names}

    def _label(self, name: str, part: Part, bucket: Period, plan: str) -> str:
        if name == "day":
            return bucket.start.isoformat()
        if name == "month":
            return f"{bucket.start:%Y-%m}"
        if name == "plan" and plan:
            return plan
        if name.startswith(ATTRIBUTE) and part.kind == "customer":
            customer = self.customers.get(part.target, 0)
            values = self._values.get((name, customer), ())
            return next((v for s, e, v in values if s <= bucket.start < e), NONE)
        key = ATTRIBUTE if name.startswith(ATTRIBUTE) else name
        if dimension(name).has_allocation:
            return part.labels.get(key, part.otherwise)
        return NOT_SPLIT
