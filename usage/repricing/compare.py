"""Compare a catalogue or price file with the book: which lines it would add, change or end."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field

from usage.models import Price, ProposedPrice
from usage.pricing.catalogue import Catalogue, CataloguePrice
from usage.repricing.laying import Key, key_of

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
    elif now.source == "manual":
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
    by_hand = [row for row in rows if row.source == "manual" and not catalogue.is_by_hand]
    left = [row for row in rows if row not in by_hand]
    for price in prices:
        same = next((row for row in left if _states(row, price)), None)
        if same is not None:
            left.remove(same)
            found.unchanged += 1
            continue
        if any(_covers(row, price) for row in by_hand):
            found.kept_by_hand += 1
            continue
        old = next((row for row in left if _overlap(row, price)), None)
        if old is not None:
            left.remove(old)
        action = _Action.CHANGE if old else _Action.ADD
        found.lines.append(Line(action, _row(catalogue, price), old))
    if catalogue.is_whole:
        _withdraw((row for row in left if row.source == catalogue.source), found)


def _withdraw(rows: Iterable[Price], found: Comparison) -> None:
    found.lines.extend(Line(_Action.WITHDRAW, row, row) for row in rows)


def _row(catalogue: Catalogue, price: CataloguePrice, **days: dt.date | None) -> Price:
    terms = asdict(price) | days
    return Price(**terms, source=catalogue.source, source_version=catalogue.version)


def _states(row: Price, price: CataloguePrice) -> bool:
    names = ("per_million", "currency", "valid_from", "valid_to")
    return all(getattr(row, name) == getattr(price, name) for name in names)


def _in_force(row: Price, day: dt.date) -> bool:
    return (row.valid_from or dt.date.min) <= day < (row.valid_to or dt.date.max)


def _overlap(row: Price, price: CataloguePrice) -> bool:
    starts = (row.valid_from or dt.date.min) < (price.valid_to or dt.date.max)
    return starts and (price.valid_from or dt.date.min) < (row.valid_to or dt.date.max)


def _covers(row: Price, price: CataloguePrice) -> bool:
    starts = (row.valid_from or dt.date.min) <= (price.valid_from or dt.date.min)
    return starts and (row.valid_to or dt.date.max) >= (price.valid_to or dt.date.max)
