"""Resolve the price book for each SKU into wide rows: one price per token class and interval."""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import partial
from itertools import chain, pairwise, product

from usage.models import Price, PriceAdjustment, Sku
from usage.pricing.adjusting import ORDINARY_TIERS, Bought, covering
from usage.pricing.book import Book
from usage.pricing.change import NOTHING, PriceChange
from usage.pricing.resolving import At, Resolved, listed, resolve
from usage.pricing.thresholds import SkuBands, sku_bands
from usage.tokens import TOKENS, UNIT_NAMES, UNITS

Key = tuple[str, str]
_CLASSES = tuple((name, "") for name in TOKENS)


@dataclass(frozen=True, slots=True)
class PriceRow:
    """Prices of a SKU for a band, window and [start, end): money per million; None = no price.

    `units` holds a price per million for each unit name; `made_of` names the rows of the price
    book behind each token class and unit name.
    """

    sku_id: int
    band: int
    window: str
    start: dt.date
    end: dt.date
    tokens: dict[str, Decimal]
    units: dict[str, Decimal]
    made_of: dict[str, tuple[Price | PriceAdjustment, ...]] = field(default_factory=dict)

    def currency(self, name: str) -> str:
        """Return what the price of a class or unit is in: factors and discounts have none."""
        return self.made_of[name][0].currency


@dataclass(frozen=True, slots=True)
class SkuBook:
    """The part of the price book that prices one SKU, ready to be asked."""

    bought: Bought
    bands: SkuBands
    prices: dict[Key, list[Price]]
    adjustments: list[PriceAdjustment]

    def resolve(self, key: Key, at: At, kind: str = Price.Kind.CONTRACTED) -> Resolved | None:
        """Return the price of a (token class, unit)."""
        if kind == Price.Kind.LIST:
            return listed(self.prices, self.bought, key, at)
        return resolve(self.prices, self.adjustments, self.bought, key, at)

    @property
    def keys(self) -> list[Key]:
        """List the classes and units that may have a price."""
        priced = set(self.prices)
        if not self.adjustments:
            return sorted(priced)
        rated = {row.unit for row in self.adjustments if row.unit}
        units = rated or (UNIT_NAMES if self._rates_units else ())
        return sorted(priced.union(_CLASSES, ((UNITS, unit) for unit in units)))

    @property
    def _rates_units(self) -> bool:
        rate = PriceAdjustment.Kind.COMMITTED_RATE
        return any(r.kind == rate and r.token_class in {"", UNITS} for r in self.adjustments)

    @property
    def edges(self) -> list[dt.date]:
        """List the days on which some price or adjustment begins or ends."""
        rows: list[Price | PriceAdjustment] = [*chain(*self.prices.values()), *self.adjustments]
        return sorted({start(row) for row in rows} | {end(row) for row in rows})


def price_rows(
    *, kind: str = Price.Kind.CONTRACTED, change: PriceChange = NOTHING
) -> list[PriceRow]:
    """Resolve every SKU as of the price book, or as it would be after a change.

    A price is in its own currency: the best fitting one, whatever it is in.
    """
    rows: list[PriceRow] = []
    for book in sku_books(change=change):
        rows.extend(_rows(book, kind))
    return rows


def sku_books(*, change: PriceChange = NOTHING) -> list[SkuBook]:
    """Gather per SKU the prices of its model and the adjustments that cover it."""
    book = Book(change)
    match = book.matcher().match
    matched = {sku: match(sku.provider_code, sku.model) for sku in Sku.objects.order_by("pk")}
    by_model = defaultdict(list)
    for price in book.prices({model for model in matched.values() if model is not None}):
        by_model[price.provider_code, price.model].append(price)
    # The cube may still be cut by a threshold that has gone since: such a band needs a row too.
    bands = {row.sku_id: row for row in sku_bands(book)}
    adjustments = book.adjustments()
    return [
        _sku_book(
            sku,
            model,
            by_model.get((sku.provider_code, model or ""), []),
            adjustments,
            bands.get(sku.pk) or SkuBands(sku.pk, (), ()),
        )
        for sku, model in matched.items()
    ]


def _sku_book(
    sku: Sku,
    model: str | None,
    prices: list[Price],
    adjustments: list[PriceAdjustment],
    bands: SkuBands,
) -> SkuBook:
    tier = "" if sku.service_tier in ORDINARY_TIERS else sku.service_tier
    bought = Bought(sku.provider_code, model or sku.model.lower(), tier, sku.region)
    fitting = covering(adjustments, bought)
    # A factor refers to the ordinary tier's price; without one only the own tier's count.
    tiers = {tier, ""} if fitting else {tier}
    near: dict[Key, list[Price]] = defaultdict(list)
    for price in prices:
        if price.service_tier in tiers and price.region in {"", sku.region}:
            near[price.token_class, price.unit].append(price)
    return SkuBook(bought, bands, near, fitting)


def _rows(book: SkuBook, kind: str) -> list[PriceRow]:
    rows: list[PriceRow] = []
    keys = book.keys
    for band, window in product((0, *book.bands.thresholds), ("", *book.bands.windows)):
        for first, after in pairwise(book.edges):
            find = partial(book.resolve, at=At(band, window, first), kind=kind)
            row = PriceRow(book.bands.sku_id, band, window, first, after, {}, {})
            _fill(row, keys, find)
            if row.made_of:
                _append(rows, row)
    return rows


def _append(rows: list[PriceRow], row: PriceRow) -> None:
    """Add a row, or lengthen the one before where nothing changed on that day."""
    last = rows[-1] if rows else None
    if last and replace(last, start=row.start, end=row.end) == row and last.end == row.start:
        rows[-1] = replace(last, end=row.end)
    else:
        rows.append(row)


def _fill(row: PriceRow, keys: Sequence[Key], find: Callable[[Key], Resolved | None]) -> None:
    for token_class, unit in keys:
        found = find((token_class, unit))
        if found is None:
            continue
        figures, name = (row.tokens, token_class) if token_class in TOKENS else (row.units, unit)
        figures[name] = found.per_million
        row.made_of[name] = found.made_of


def start(row: Price | PriceAdjustment) -> dt.date:
    """Return its first day."""
    return row.valid_from or dt.date.min


def end(row: Price | PriceAdjustment) -> dt.date:
    """Return the day it ends before."""
    return row.valid_to or dt.date.max
