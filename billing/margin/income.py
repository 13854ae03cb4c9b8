"""The margin's revenue side: recognised slices grouped by the dimensions revenue has."""

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import pairwise

from billing.margin.attributes import Spans, spans_of, value_on
from billing.margin.memory import Memory
from billing.margin.query import Question
from billing.measures import (
    CHARGE_CLASS,
    GROUP,
    NO_PLAN,
    NONE,
    NOT_SPLIT,
    REGULAR,
    UNATTRIBUTED,
    dimension,
)
from billing.revenue import RevenueSlice, revenue_slices
from customers.models import Customer
from tknops.calendar import GRAINS, Period, grain_key
from tknops.money import minor_digits
from usage.revisions import Revisions


@dataclass(slots=True)
class Income:
    """Revenue per key, the bases it rests on, and what stands in other currencies.

    `by_basis` has it by key and basis, `elsewhere` what is unconverted by key and currency.

    `applies` is false where a filter leaves no revenue known to belong to it.
    """

    applies: bool = True
    by_key: dict[tuple[str, ...], Decimal] = field(default_factory=dict)
    bases: dict[tuple[str, ...], set[str]] = field(default_factory=lambda: defaultdict(set))
    unconverted: dict[str, Decimal] = field(default_factory=dict)
    by_basis: dict[tuple[tuple[str, ...], str], Decimal] = field(default_factory=dict)
    elsewhere: dict[tuple[tuple[str, ...], str], Decimal] = field(default_factory=dict)

    def add(self, key: tuple[str, ...], basis: str, amount: Decimal) -> None:
        """Count revenue of a key."""
        self.by_key[key] = self.by_key.get(key, Decimal(0)) + amount
        self.bases[key].add(basis)
        self.by_basis[key, basis] = self.by_basis.get((key, basis), Decimal(0)) + amount

    def leave(self, key: tuple[str, ...], currency: str, amount: Decimal) -> None:
        """Count what is not converted."""
        self.unconverted[currency] = self.unconverted.get(currency, Decimal(0)) + amount
        before = self.elsewhere.get((key, currency), Decimal(0))
        self.elsewhere[key, currency] = before + amount


_TABLES = (
    "billing_billingcustomer", "billing_invoice", "billing_invoiceline", "billing_plan",
    "billing_subscription", "customers_customer", "customers_customerattribute",
    "customers_customerparent",
)  # fmt: skip
_answers = Memory(limit=30_000)


def income(question: Question, period: Period, currency: str, revisions: Revisions) -> Income:
    """Group recognised revenue by the question's dimensions; never change what it returns.

    A dimension revenue does not have reads '(not split)'; a filter on such a dimension leaves no
    revenue, since none is known to belong to it.
    """
    if not all(dimension(name).has_revenue for name in question.filters):
        return Income(applies=False)
    key = (question.key, period, currency, revisions.of(*_TABLES))
    return _answers.get(
        key, lambda: _group(question, period, currency, revisions), lambda made: len(made.by_key)
    )


def forget() -> None:
    """Drop the answers this process remembers."""
    _answers.clear()


def _group(question: Question, period: Period, currency: str, revisions: Revisions) -> Income:
    found = Income()
    attributes = {
        name: spans_of(name, question.attributes_on, revisions)
        for name in question.attributes
        if dimension(name).has_revenue
    }
    customers = dict(Customer.objects.values_list("pk", "external_id"))
    common = buckets(edges(question, period))
    own = _own_buckets(common, period, attributes)
    for piece in revenue_slices(common, own):
        labels = {name: _label(name, piece, customers, attributes) for name in question.dimensions}
        if any(labels[name] not in accepted for name, accepted in question.filters.items()):
            continue
        amount = Decimal(piece.amount_minor).scaleb(-minor_digits(piece.currency))
        key = tuple(labels[name] for name in question.by)
        if piece.currency != currency:
            found.leave(key, piece.currency, amount)
        else:
            found.add(key, piece.basis, amount)
    return found


def _label(
    name: str,
    piece: RevenueSlice,
    customers: dict[int, str],
    attributes: dict[str, Spans],
) -> str:
    if name == "customer":
        return customers.get(piece.customer_id or 0, UNATTRIBUTED)
    if name == "plan":
        return piece.plan or NO_PLAN
    if name == CHARGE_CLASS:
        return REGULAR
    if name in GRAINS:
        return grain_key(name, piece.bucket.start)
    if name in attributes:
        spans = attributes[name].get(piece.customer_id or 0, ())
        missing = UNATTRIBUTED if name == GROUP else NONE
        return value_on(spans, piece.bucket.start) or missing
    return NOT_SPLIT


def edges(question: Question, period: Period) -> set[dt.date]:
    """Where the label of every customer changes: the days, weeks … asked for."""
    found = {period.start, period.end}
    for grain in set(GRAINS).intersection(question.dimensions):
        found |= {part.start for part in period.cut(grain)}
    return found


def _own_buckets(
    common: Sequence[Period], period: Period, attributes: dict[str, Spans]
) -> dict[int, Sequence[Period]]:
    """Cut further where an attribute changes, for the customers it changes of."""
    changes: dict[int, set[dt.date]] = defaultdict(set)
    for spans_by_owner in attributes.values():
        for owner, spans in spans_by_owner.items():
            inside = {e for s in spans for e in s[:2] if period.start < e < period.end}
            if inside:
                changes[owner] |= inside
    starts = {bucket.start for bucket in common} | {period.end}
    return {owner: buckets(starts | inside) for owner, inside in changes.items()}


def buckets(edges: set[dt.date]) -> Sequence[Period]:
    """Cut days where these lie."""
    return [Period(a, b) for a, b in pairwise(sorted(edges))]
