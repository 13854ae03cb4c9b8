"""The margin's revenue side: recognised slices grouped by the dimensions revenue has."""

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import pairwise

from billing.margin.meaning import customer_attributes
from billing.margin.memory import Memory
from billing.margin.query import Question
from billing.measures import NO_PLAN, NONE, NOT_SPLIT, UNATTRIBUTED, dimension
from billing.revenue import RevenueSlice, revenue_slices
from customers.models import Customer
from tknops.calendar import GRAINS, Period, grain_key
from tknops.money import minor_digits
from usage.revisions import Revisions


@dataclass(slots=True)
class Income:
    """Revenue per key, the bases it rests on, and what stands in other currencies.

    `applies` is false where a filter leaves no revenue known to belong to it.
    """

    applies: bool = True
    by_key: dict[tuple[str, ...], Decimal] = field(default_factory=dict)
    bases: dict[tuple[str, ...], set[str]] = field(default_factory=lambda: defaultdict(set))
    unconverted: dict[str, Decimal] = field(default_factory=dict)


_TABLES = (
    "billing_billingcustomer", "billing_invoice", "billing_invoiceline", "billing_plan",
    "billing_subscription", "customers_customer", "customers_customerattribute",
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
        key, lambda: _group(question, period, currency), lambda made: len(made.by_key)
    )


def forget() -> None:
    """Drop the answers this process remembers."""
    _answers.clear()


def _group(question: Question, period: Period, currency: str) -> Income:
    found = Income()
    attributes = {name: customer_attributes(name) for name in question.attributes}
    customers = dict(Customer.objects.values_list("pk", "external_id"))
    for piece in revenue_slices(_buckets(question, period, attributes)):
        labels = {name: _label(name, piece, customers, attributes) for name in question.dimensions}
        if any(labels[name] not in accepted for name, accepted in question.filters.items()):
            continue
        amount = Decimal(piece.amount_minor).scaleb(-minor_digits(piece.currency))
        if piece.currency != currency:
            before = found.unconverted.get(piece.currency, Decimal(0))
            found.unconverted[piece.currency] = before + amount
            continue
        key = tuple(labels[name] for name in question.by)
        found.by_key[key] = found.by_key.get(key, Decimal(0)) + amount
        found.bases[key].add(piece.basis)
    return found


def _label(
    name: str,
    piece: RevenueSlice,
    customers: dict[int, str],
    attributes: dict[str, list[tuple[int, dt.date, dt.date, str]]],
) -> str:
    if name == "customer":
        return customers.get(piece.customer_id or 0, UNATTRIBUTED)
    if name == "plan":
        return piece.plan or NO_PLAN
    if name in GRAINS:
        return grain_key(name, piece.bucket.start)
    if name in attributes:
        for customer, start, end, value in attributes[name]:
            if customer == piece.customer_id and start <= piece.bucket.start < end:
                return value
        return NONE
    return NOT_SPLIT


def _buckets(
    question: Question,
    period: Period,
    attributes: dict[str, list[tuple[int, dt.date, dt.date, str]]],
) -> Sequence[Period]:
    """Cut the period where a label can change: days or months asked for, attributes changing."""
    edges = {period.start, period.end}
    for grain in set(GRAINS).intersection(question.dimensions):
        edges |= {part.start for part in period.cut(grain)}
    for rows in attributes.values():
        for _, start, end, _ in rows:
            edges |= {edge for edge in (start, end) if period.start < edge < period.end}
    ordered = sorted(edges)
    return [Period(a, b) for a, b in pairwise(ordered)]
