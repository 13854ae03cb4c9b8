"""Resolve the price book for each SKU into wide rows: one price per token class and interval."""

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import pairwise, product

from usage.models import Price, Sku
from usage.pricing.thresholds import SkuBands, matcher, sku_bands
from usage.tokens import TOKENS

# Names of service tiers that mean the ordinary one.
ORDINARY_TIERS = frozenset({"", "default", "standard", "auto", "on_demand"})


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
    made_of: dict[str, tuple[int, ...]] = field(default_factory=dict)


def price_rows(*, currency: str, kind: str = Price.Kind.CONTRACTED) -> list[PriceRow]:
    """Resolve every SKU: contracted before list, own tier before ordinary, manual before synced.

    Prices in another currency than the one asked for do not price anything here.
    """
    match = matcher().match
    matched = {sku: match(sku.provider_code, sku.model) for sku in Sku.objects.order_by("pk")}
    by_model = defaultdict(list)
    for price in Price.objects.filter(
        superseded_at=None, currency=currency, model__in=set(matched.values()) - {None}
    ):
        by_model[price.provider_code, price.model].append(price)
    # The cube may still be cut by a threshold that has gone since: such a band needs a row too.
    bands = {row.sku_id: row for row in sku_bands()}
    rows: list[PriceRow] = []
    for sku, model in matched.items():
        if model is not None:
            prices = _candidates(sku, by_model[sku.provider_code, model], kind)
            rows.extend(_rows(prices, bands.get(sku.pk) or SkuBands(sku.pk, (), ())))
    return rows


def _candidates(sku: Sku, prices: list[Price], kind: str) -> list[Price]:
    """Applicable prices, the weakest claim first, so that a later one wins."""
    tier = "" if sku.service_tier in ORDINARY_TIERS else sku.service_tier
    kinds = {Price.Kind.LIST, kind}
    fitting = [
        price
        for price in prices
        if price.service_tier == tier and price.region in {"", sku.region} and price.kind in kinds
    ]
    return sorted(
        fitting,
        key=lambda p: (p.kind == Price.Kind.CONTRACTED, bool(p.region), p.source == "manual"),
    )


def _rows(prices: list[Price], bands: SkuBands) -> list[PriceRow]:
    edges = sorted({_start(p) for p in prices} | {_end(p) for p in prices})
    rows = []
    for band, window in product((0, *bands.thresholds), ("", *bands.windows)):
        for start, end in pairwise(edges):
            row = PriceRow(bands.sku_id, band, window, start, end, {}, {})
            _fill(row, prices)
            if row.tokens or row.units:
                rows.append(row)
    return rows


def _fill(row: PriceRow, prices: list[Price]) -> None:
    """Pick per class the price of the highest threshold up to the band, the own window first."""
    best: dict[tuple[str, str], tuple[tuple[int, ...], Price]] = {}
    for strength, price in enumerate(prices):
        if price.threshold > row.band or price.price_window not in {"", row.window}:
            continue
        if not _start(price) <= row.start < _end(price):
            continue
        contracted = int(price.kind == Price.Kind.CONTRACTED)
        rank = (contracted, int(bool(price.price_window)), price.threshold, strength)
        key = (price.token_class, price.unit)
        if key not in best or rank > best[key][0]:
            best[key] = (rank, price)
    for (token_class, unit), (_, price) in best.items():
        figures = row.tokens if token_class in TOKENS else row.units
        name = token_class if token_class in TOKENS else unit
        figures[name] = price.per_million
        row.made_of[name] = (price.pk,)


def _start(price: Price) -> dt.date:
    return price.valid_from or dt.date.min


def _end(price: Price) -> dt.date:
    return price.valid_to or dt.date.max
