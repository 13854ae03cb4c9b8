"""Lay new prices over the book: what is in force of the same key gives way on their days."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from usage.models import Price
from usage.pricing import PriceChange
from usage.repricing.apply import copied

_KEY = (
    "provider_code", "model", "service_tier", "region", "token_class", "unit", "threshold",
    "price_window", "kind",
)  # fmt: skip
Key = tuple[object, ...]
Days = tuple[dt.date, dt.date]


def key_of(price: object) -> Key:
    """Return what at most one price at a time may be in force of."""
    return tuple(getattr(price, name) for name in _KEY)


@dataclass(slots=True)
class _Laid:
    prices: list[Price]
    ended: set[int]


def lay(new: Sequence[Price], *, ended: Iterable[int] = (), over_hand: bool) -> PriceChange:
    """Return the change that puts the new prices in force.

    A price by hand gives way only if `over_hand`; else the new one holds around its days.
    """
    laid = _Laid([], set(ended))
    models = {price.model for price in new}
    rows = Price.objects.filter(superseded_at=None, model__in=models).exclude(pk__in=laid.ended)
    by_key: dict[Key, list[Price]] = defaultdict(list)
    for row in rows.order_by("pk"):
        by_key[key_of(row)].append(row)
    for price in new:
        _lay_one(price, by_key.get(key_of(price), []), laid, over_hand=over_hand)
    return PriceChange(prices=tuple(laid.prices), ended_prices=frozenset(laid.ended))


def _lay_one(price: Price, rows: list[Price], laid: _Laid, *, over_hand: bool) -> None:
    spans = [_days(price)]
    for row in [row for row in rows if _overlap(_days(row), _days(price))]:
        if row.source == "manual" and not over_hand:
            spans = [part for span in spans for part in _without(span, _days(row))]
            continue
        if row.pk is not None:
            laid.ended.add(row.pk)
        else:
            laid.prices.remove(row)
        rows.remove(row)
        kept = [_on(row, part) for part in _without(_days(row), _days(price))]
        rows.extend(kept)
        laid.prices.extend(kept)
    laid.prices.extend(_on(price, span) for span in spans)


def _days(price: Price) -> Days:
    return price.valid_from or dt.date.min, price.valid_to or dt.date.max


def _overlap(one: Days, other: Days) -> bool:
    return one[0] < other[1] and other[0] < one[1]


def _without(span: Days, hole: Days) -> list[Days]:
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
