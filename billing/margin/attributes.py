"""Dated attributes of customers, end users, teams and features, and the groups of customers."""

import datetime as dt
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import NamedTuple

import pyarrow as pa

from billing.margin.growing import from_rows
from billing.margin.memory import Memory
from billing.measures import GROUP, owner_of
from customers.dated import DatedAttribute
from customers.models import (
    Customer,
    CustomerAttribute,
    CustomerParent,
    EndUserAttribute,
    TeamAttribute,
)
from usage.models import FeatureAttribute
from usage.revisions import Revisions

MODELS: dict[str, type[DatedAttribute]] = {
    model.OWNER: model
    for model in (CustomerAttribute, EndUserAttribute, TeamAttribute, FeatureAttribute)
}
_GROUPED = tuple(model._meta.db_table for model in (Customer, CustomerParent))
EVER, NEVER = dt.date.min, dt.date.max


class Span(NamedTuple):
    """A value of one owner in [start, end)."""

    start: dt.date
    end: dt.date
    value: str


Spans = Mapping[int, Sequence[Span]]
_held = Memory()


def spans_of(name: str, on: dt.date | None, revisions: Revisions) -> Spans:
    """Values of a dimension such as customer.tier per owner's id, in order, none overlapping.

    `on`: the values of that day, for all days. Never change what it returns.
    """
    tables = _GROUPED if name == GROUP else (MODELS[owner_of(name)]._meta.db_table,)
    key = (name, on, revisions.of(*tables))
    return _held.get(key, partial(_read, name, on))


def value_on(spans: Sequence[Span], day: dt.date) -> str | None:
    """Look up the value of one owner on a day."""
    at = bisect_right(spans, day, key=lambda span: span.start) - 1
    return spans[at].value if at >= 0 and day < spans[at].end else None


def table_of(spans: Spans) -> pa.Table:
    """Hand values over as Arrow."""
    return from_rows(
        [(owner, *span) for owner, some in spans.items() for span in some],
        [
            ("owner_id", pa.int64()),
            ("start", pa.date32()),
            ("end", pa.date32()),
            ("value", pa.string()),
        ],
    )


def forget() -> None:
    """Drop the values this process remembers."""
    _held.clear()


def _read(name: str, on: dt.date | None) -> Spans:
    found: dict[int, list[Span]] = defaultdict(list)
    for owner, start, end, value in _groups() if name == GROUP else _values(name):
        if on is None:
            found[owner].append(Span(start, end, value))
        elif start <= on < end:
            found[owner].append(Span(EVER, NEVER, value))
    return {owner: sorted(spans) for owner, spans in found.items()}


def _values(name: str) -> Iterator[tuple[int, dt.date, dt.date, str]]:
    owner = owner_of(name)
    rows = MODELS[owner]._default_manager.filter(name=name.removeprefix(f"{owner}."))
    for pk, start, end, value in rows.values_list(f"{owner}_id", "valid_from", "valid_to", "value"):
        yield pk, start or EVER, end or NEVER, value


def _groups() -> Iterator[tuple[int, dt.date, dt.date, str]]:
    """Name the topmost parent of every customer on every day; one without a parent is its own."""
    names = dict(Customer.objects.values_list("pk", "external_id"))
    parents: dict[int, list[tuple[dt.date, dt.date, int]]] = defaultdict(list)
    rows = CustomerParent.objects.values_list("customer_id", "valid_from", "valid_to", "parent_id")
    for customer, start, end, parent in rows:
        parents[customer].append((start or EVER, end or NEVER, parent))
    for customer in names:
        for start, end, top in _tops(customer, parents):
            yield customer, start, end, names[top]


def _tops(
    customer: int, parents: Mapping[int, Sequence[tuple[dt.date, dt.date, int]]]
) -> Iterator[tuple[dt.date, dt.date, int]]:
    """Climb, on each stretch of days by itself: who is above whom may turn round over time."""
    climbing = [(EVER, NEVER, customer)]
    while climbing:
        start, end, at = climbing.pop()
        for since, until, parent in sorted(parents.get(at, ())):
            first, past = max(start, since), min(end, until)
            if first < past:
                climbing.append((first, past, parent))
                if start < first:
                    yield start, first, at
                start = past
        if start < end:
            yield start, end, at
