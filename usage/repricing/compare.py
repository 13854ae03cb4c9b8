"""Compare a catalogue or price file with the book: which lines it would add, change or end."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field

from usage.models import Price, ProposedPrice
from usage.pricing.catalogue import Catalogue, CataloguePrice
from usage.repricing.laying import Days, Key, days_of, gives_way, key_of, overlap, without

_Action = ProposedPrice.Action


@dataclass(frozen=True, slots=True)
class Line:
    """One difference: a price to add or in place of another, or one that is gone."""

    action: str
    price: Price
    replaces: Price | None = None

    @property
    def model(self) -> tuple[str, str]:
        """Return provider and model."""
        return self.price.provider_code, self.price.model


@dataclass(slots=True)
class Comparison:
    """The differences, and how much is the same; prices by hand are kept, and counted."""

    lines: list[Line] = field(default_factory=list)
    unchanged: int = 0
    kept_by_hand: int = 0


def compare(catalogue: Catalogue, *, today: dt.date) -> Comparison:
    """Compare key by key."""
    in_force: dict[Key, list[Price]] = defaultdict(list)
    for row in Price.objects.filter(superseded_at=None).order_by("valid_from", "pk"):
        in_force[key_of(row)].append(row)
    wanted: dict[Key, list[CataloguePrice]] = defaultdict(list)
    for price in catalogue.prices:
        wanted[key_of(price)].append(price)
    found = Comparison()
    for key, prices in wanted.items():
        rows = in_force.get(key, [])
        if catalogue.is_of_today:
            _compare_today(catalogue, prices[0], rows, today, found)
        else:
            _compare_dated(catalogue, prices, rows, found)
    if catalogue.is_whole:
        gone = (row for key in in_force.keys() - wanted.keys() for row in in_force[key])
        _withdraw((row for row in gone if row.source == catalogue.source), found)
    return found


def _compare_today(
    catalogue: Catalogue,
    price: CataloguePrice,
    rows: Sequence[Price],
    today: dt.date,
    found: Comparison,
) -> None:
    """A file without dates says what holds from today on; a key that is new held ever since."""
    now = next((row for row in rows if _in_force(row, today)), None)
    if now is None:
        start = today if rows else None
        found.lines.append(Line(_Action.ADD, _row(catalogue, price, valid_from=start)))
    elif not gives_way(now, catalogue.source):
        found.kept_by_hand += 1
    elif (now.per_million, now.currency) == (price.per_million, price.currency):
        found.unchanged += 1
    else:
        row = _row(catalogue, price, valid_from=today, valid_to=now.valid_to)
        found.lines.append(Line(_Action.CHANGE, row, now))


def _compare_dated(
    catalogue: Catalogue,
    prices: Sequence[CataloguePrice],
    rows: Sequence[Price],
    found: Comparison,
) -> None:
    kept = [row for row in rows if not gives_way(row, catalogue.source)]
    left = [row for row in rows if row not in kept]
    for price in prices:
        spans = [days_of(price)]
        for row in kept:
            spans = [part for span in spans for part in without(span, days_of(row))]
        found.kept_by_hand += not spans
        for span in spans:
            _compare_span(catalogue, price, span, left, found)
    if catalogue.is_whole:
        _withdraw((row for row in left if row.source == catalogue.source), found)


def _compare_span(
    catalogue: Catalogue, price: CataloguePrice, span: Days, left: list[Price], found: Comparison
) -> None:
    """Compare the days of a price that no price by hand holds."""
    old = next((row for row in left if _states(row, price, span)), None)
    if old is not None:
        left.remove(old)
        found.unchanged += 1
        return
    old = next((row for row in left if overlap(days_of(row), span)), None)
    if old is not None:
        left.remove(old)
    first, after = span
    row = _row(
        catalogue,
        price,
        valid_from=None if first == dt.date.min else first,
        valid_to=None if after == dt.date.max else after,
    )
    found.lines.append(Line(_Action.CHANGE if old else _Action.ADD, row, old))


def _withdraw(rows: Iterable[Price], found: Comparison) -> None:
    found.lines.extend(Line(_Action.WITHDRAW, row, row) for row in rows)


def _row(catalogue: Catalogue, price: CataloguePrice, **days: dt.date | None) -> Price:
    terms = asdict(price) | days
    return Price(**terms, source=catalogue.source, source_version=catalogue.version)


def _states(row: Price, price: CataloguePrice, span: Days) -> bool:
    same = (row.per_million, row.currency) == (price.per_million, price.currency)
    return same and days_of(row) == span


def _in_force(row: Price, day: dt.date) -> bool:
    first, after = days_of(row)
    return first <= day < after
