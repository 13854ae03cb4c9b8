"""Lay new prices over the book: what is in force of the same key gives way on their days."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from usage.models import Price
from usage.pricing import PriceChange
from usage.pricing.catalogue import LITELLM, SOURCE, CataloguePrice
from usage.repricing.apply import copied

_KEY = (
    "provider_code", "model", "service_tier", "region", "token_class", "unit", "threshold",
    "price_window", "kind",
)  # fmt: skip
Key = tuple[object, ...]
Days = tuple[dt.date, dt.date]
Dated = Price | CataloguePrice


# Who gives way to whom: what a person brought stays where a catalogue says otherwise.
_RANK = {SOURCE: 0, LITELLM: 1}
_BY_HAND = 2


def gives_way(row: Price, source: str) -> bool:
    """Whether a price in force gives way to one of this source."""
    return _RANK.get(row.source, _BY_HAND) <= _RANK.get(source, _BY_HAND)


def key_of(price: object) -> Key:
    """Return what at most one price at a time may be in force of."""
    return tuple(getattr(price, name) for name in _KEY)


@dataclass(slots=True)
class _Laid:
    prices: list[Price]
    ended: set[int]


def lay(new: Sequence[Price], *, ended: Iterable[int] = ()) -> PriceChange:
    """Return the change that puts the new prices in force.

    Where a price does not give way the new one holds around its days.
    """
    laid = _Laid([], set(ended))
    models = {price.model for price in new}
    rows = Price.objects.filter(superseded_at=None, model__in=models).exclude(pk__in=laid.ended)
    by_key: dict[Key, list[Price]] = defaultdict(list)
    for row in rows.order_by("pk"):
        by_key[key_of(row)].append(row)
    for price in new:
        _lay_one(price, by_key.get(key_of(price), []), laid)
    return PriceChange(prices=tuple(laid.prices), ended_prices=frozenset(laid.ended))


def _lay_one(price: Price, rows: list[Price], laid: _Laid) -> None:
    spans = [days_of(price)]
    for row in [row for row in rows if overlap(days_of(row), days_of(price))]:
        if not gives_way(row, price.source):
            spans = [part for span in spans for part in without(span, days_of(row))]
            continue
        if row.pk is not None:
            laid.ended.add(row.pk)
        else:
            laid.prices.remove(row)
        rows.remove(row)
        kept = [_on(row, part) for part in without(days_of(row), days_of(price))]
        rows.extend(kept)
        laid.prices.extend(kept)
    laid.prices.extend(_on(price, span) for span in spans)


def days_of(price: Dated) -> Days:
    """Return its first day and the day it ends before."""
    return price.valid_from or dt.date.min, price.valid_to or dt.date.max


def overlap(one: Days, other: Days) -> bool:
    """Whether two spans share a day."""
    return one[0] < other[1] and other[0] < one[1]


def without(span: Days, hole: Days) -> list[Days]:
    """Return what a hole leaves of a span."""
    parts = [(span[0], min(span[1], hole[0])), (max(span[0], hole[1]), span[1])]
    return [part for part in parts if part[0] < part[1]]


def _on(price: Price, span: Days) -> Price:
    first, after = span
    return copied(
        price,
        valid_from=None if first == dt.date.min else first,
        valid_to=None if after == dt.date.max else after,
    )
