"""The margin's revenue side: recognised slices, converted, by the dimensions revenue has."""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache, partial
from itertools import pairwise

from billing.margin.attributes import Spans, spans_of, value_on
from billing.margin.conversion import Conversion
from billing.margin.memory import Memory
from billing.margin.query import Question
from billing.margin.used import policies_of, usage_key, usage_reader
from billing.margin.worth import Elsewhere, Waiting, Worth, waiting_of
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
from billing.rates import Rate
from billing.revenue import RevenueSlice, revenue_slices
from customers.models import Customer
from tknops.calendar import GRAINS, Period, grain_key
from tknops.money import minor_digits
from usage.revisions import Key, Revisions


@dataclass(slots=True)
class Income:
    """Revenue per key, per basis and rates it rests on, and what waits for a rate.

    `applies` is false where a filter leaves no revenue known to belong to it; `unknown` are the
    keys some of whose revenue waits, `elsewhere` what waits, by key, currency and day.
    """

    applies: bool = True
    by_key: dict[tuple[str, ...], Decimal] = field(default_factory=dict)
    bases: dict[tuple[str, ...], dict[str, Decimal]] = field(
        default_factory=lambda: defaultdict(dict)
    )
    rates: dict[tuple[str, ...], set[Rate]] = field(default_factory=lambda: defaultdict(set))
    unknown: set[tuple[str, ...]] = field(default_factory=set)
    elsewhere: Elsewhere = field(default_factory=dict)

    @property
    def waiting(self) -> Waiting:
        """What waits for a rate, by currency and day."""
        return waiting_of(self.elsewhere)

    @property
    def by_basis(self) -> dict[tuple[tuple[str, ...], str], Decimal]:
        """The revenue by key and basis."""
        return {
            (key, basis): amount
            for key, bases in self.bases.items()
            for basis, amount in bases.items()
        }

    def add(self, key: tuple[str, ...], basis: str, amount: Decimal) -> None:
        """Count revenue of a key."""
        self.by_key[key] = self.by_key.get(key, Decimal(0)) + amount
        self.bases[key][basis] = self.bases[key].get(basis, Decimal(0)) + amount

    def leave(self, key: tuple[str, ...], currency: str, day: dt.date, amount: Decimal) -> None:
        """Count what has no rate on a day."""
        place = (key, currency, day)
        self.elsewhere[place] = self.elsewhere.get(place, Decimal(0)) + amount
        self.unknown.add(key)


TABLES = (
    "billing_billingcustomer", "billing_exchangerate", "billing_invoice", "billing_invoiceline",
    "billing_invoicesplit", "billing_paymentevent", "billing_plan", "billing_planprice",
    "billing_recognitionpolicy", "billing_subscription", "billing_subscriptionpause",
    "customers_customer", "customers_customerattribute", "customers_customerparent",
)  # fmt: skip
_answers = Memory()
_recognised = Memory()


def income(question: Question, period: Period, currency: str, revisions: Revisions) -> Income:
    """Group recognised revenue by the question's dimensions; never change what it returns.

    A dimension revenue does not have reads '(not split)'; a filter on such a dimension leaves no
    revenue, since none is known to belong to it.
    """
    if question.only or not all(dimension(name).has_revenue for name in question.filters):
        return Income(applies=False)
    made_from = (period, currency, revisions.of(*TABLES), usage_key(period, revisions))
    return _answers.get(
        (question.key, *made_from),
        lambda: _group(question, period, currency, revisions, made_from),
    )


def forget() -> None:
    """Drop the answers this process remembers."""
    _answers.clear()
    _recognised.clear()


def _group(
    question: Question, period: Period, currency: str, revisions: Revisions, made_from: Key
) -> Income:
    found = Income()
    attributes = {
        name: spans_of(name, question.attributes_on, revisions)
        for name in question.attributes
        if dimension(name).has_revenue
    }
    customers = dict(Customer.objects.values_list("pk", "external_id"))
    into = Conversion(currency, revisions, question.rates_on)
    usage, policies = usage_reader(revisions), policies_of(revisions)
    recognise = partial(revenue_slices, usage=usage, policies=policies)
    # Filters choose among what is recognised: the cells of a report need it once, not each anew.
    grains = tuple(sorted(set(GRAINS).intersection(question.dimensions)))
    cut_by = (grains, tuple(attributes), question.attributes_on, question.rates_on)
    pieces = _recognised.get(
        (cut_by, *made_from),
        lambda: _pieces(question, period, attributes, into, recognise),
    )
    for piece in pieces:
        labels = {name: _label(name, piece, customers, attributes) for name in question.dimensions}
        if any(labels[name] not in accepted for name, accepted in question.filters.items()):
            continue
        amount = Decimal(piece.amount_minor).scaleb(-minor_digits(piece.currency))
        worth = Worth(into, piece.rate_on or piece.bucket.start)
        converted = worth.of(amount, piece.currency)
        key = tuple(labels[name] for name in question.by)
        if converted is None:
            found.leave(key, piece.currency, worth.day, amount)
        else:
            found.add(key, piece.basis, converted)
            if worth.rates:  # an empty set of each key is the most that an answer takes
                found.rates[key] |= worth.rates
    return found


def _pieces(
    question: Question,
    period: Period,
    attributes: dict[str, Spans],
    into: Conversion,
    recognise: Callable[..., list[RevenueSlice]],
) -> list[RevenueSlice]:
    """Recognise revenue; what is converted day by day is cut where its rate changes."""
    common = buckets(edges(question, period))
    own = _own_buckets(common, period, _changes(period, attributes))

    @cache
    def rate_changes(code: str) -> Sequence[dt.date]:
        return sorted(into.edges([code], period))

    return recognise(common, own, rate_changes=rate_changes)


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


def _changes(period: Period, attributes: dict[str, Spans]) -> dict[int, set[dt.date]]:
    """List the days on which an attribute changes, by the customer it changes of."""
    changes: dict[int, set[dt.date]] = defaultdict(set)
    for spans_by_owner in attributes.values():
        for owner, spans in spans_by_owner.items():
            inside = {e for s in spans for e in s[:2] if period.start < e < period.end}
            if inside:
                changes[owner] |= inside
    return changes


def _own_buckets(
    common: Sequence[Period], period: Period, changes: Mapping[int, set[dt.date]]
) -> dict[int, Sequence[Period]]:
    """Cut further where something changes, for the customers it changes of."""
    starts = {bucket.start for bucket in common} | {period.end}
    return {owner: buckets(starts | inside) for owner, inside in changes.items()}


def buckets(edges: set[dt.date]) -> Sequence[Period]:
    """Cut days where these lie."""
    return [Period(a, b) for a, b in pairwise(sorted(edges))]
