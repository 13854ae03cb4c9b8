"""Read the genai-prices catalogue (shipped in its package, no network) into plain price rows."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from importlib.metadata import version
from itertools import pairwise
from typing import Any

from genai_prices import data
from genai_prices.types import (
    ModelInfo,
    ModelPrice,
    Provider,
    StartDateConstraint,
    TimeOfDateConstraint,
)

from tknops.money import EXACT, round_half_up
from usage.pricing.figures import (
    DECIMALS,
    Figures,
    class_prices,
    known_figures,
    scaled,
    thresholds,
)
from usage.pricing.geography import place, region_factors
from usage.pricing.names import exact_names, short_names
from usage.tokens import UNITS

SOURCE = "genai-prices"
LITELLM = "litellm"
CSV = "csv"
# What sets the price apart, where it is told in one word: batch, flex, priority, fast.
_TIER_CONDITIONS = ("service_tier", "processing", "speed")


@dataclass(frozen=True, slots=True)
class CataloguePrice:
    """A price as a catalogue or file states it, per million; dates half-open."""

    provider_code: str
    model: str
    service_tier: str
    region: str
    token_class: str
    unit: str
    threshold: int
    price_window: str
    per_million: Decimal
    original: str
    valid_from: dt.date | None = None
    valid_to: dt.date | None = None
    kind: str = "LIST"
    currency: str = "USD"


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What the installed package or a file knows.

    `left_out` counts by reason what a file states that is no price here.
    """

    version: str
    providers: dict[str, str]
    prices: list[CataloguePrice]
    aliases: dict[tuple[str, str], str]
    source: str = SOURCE
    origin: str = "the installed catalogue"
    left_out: Mapping[str, int] = field(default_factory=dict)

    @property
    def is_whole(self) -> bool:
        """Whether a price of its own that it no longer states is gone."""
        return self.source == SOURCE

    @property
    def is_of_today(self) -> bool:
        """Whether it has no dates: it states what holds today."""
        return self.source == LITELLM


def read_catalogue(
    providers: Sequence[Provider] | None = None, *, release: str = "", origin: str = ""
) -> Catalogue:
    """Read every provider and model of the installed catalogue, or of these providers."""
    providers = providers or data.providers
    prices: list[CataloguePrice] = []
    aliases: dict[tuple[str, str], str] = {}
    for provider in providers:
        for model, own in _models(provider, providers):
            prices.extend(_model_prices(provider.id, model, variants=own))
            name, _ = place(provider.id, model.id)
            for other in exact_names(model.match, short=short_names(provider.id, name)):
                if other != name:
                    aliases[provider.id, other] = name
    return Catalogue(
        version=release or version("genai-prices"),
        providers={provider.id: provider.name for provider in providers},
        prices=prices,
        aliases=aliases,
        origin=origin or "the installed catalogue",
    )


def _models(provider: Provider, providers: Sequence[Provider]) -> Iterator[tuple[ModelInfo, bool]]:
    """Yield a provider's own models, then those it resells at their maker's price."""
    for model in provider.models:
        yield model, True
    makers = {maker.id: maker.models for maker in providers}
    resold: set[str] = set()
    for code in provider.fallback_model_providers or []:
        for model in makers[code]:
            if model.id in resold or any(own.is_match(model.id) for own in provider.models):
                continue
            resold.add(model.id)
            yield model, False


def _model_prices(provider: str, model: ModelInfo, *, variants: bool) -> Iterator[CataloguePrice]:
    """Flatten a model's prices; the variants of a resold model are its maker's alone."""
    name, region = place(provider, model.id)
    base = list(_dated(model.prices))
    tiers = {"": base}
    if variants:
        tiers |= {tier: _laid_over(base, rows) for tier, rows in _variants(model).items()}
    for tier, rows in tiers.items():
        for price in _flatten(provider, name, tier, region, rows):
            yield price
            yield from _regional(price)


def _regional(price: CataloguePrice) -> Iterator[CataloguePrice]:
    if price.token_class == UNITS:
        return
    for region, factor in region_factors(price.provider_code, price.model).items():
        exact = EXACT.multiply(price.per_million, factor)
        listed = price.original or f"{price.per_million.normalize():f}"
        yield replace(
            price,
            region=region,
            per_million=round_half_up(exact, DECIMALS),
            original=f"{listed} × {factor}",
        )


@dataclass(frozen=True, slots=True)
class _Dated:
    window: str
    start: dt.date | None
    end: dt.date | None
    figures: Figures


def _dated(prices: Any) -> Iterator[_Dated]:
    """Give each conditional price its end: the start of the next one of its window."""
    if isinstance(prices, ModelPrice):
        yield _Dated("", None, None, known_figures(prices))
        return
    starts: dict[str, list[tuple[dt.date | None, Figures]]] = {}
    for conditional in prices:
        constraint = conditional.constraint
        window, start = "", None
        if isinstance(constraint, TimeOfDateConstraint):
            window = f"{constraint.start_time:%H:%M}-{constraint.end_time:%H:%M}"
        elif isinstance(constraint, StartDateConstraint):
            start = constraint.start_date
        starts.setdefault(window, []).append((start, known_figures(conditional.prices)))
    for window, rows in starts.items():
        rows.sort(key=lambda row: row[0] or dt.date.min)
        for (start, figures), (end, _) in pairwise([*rows, (None, {})]):
            if start is None or start != end:
                yield _Dated(window, start, end, figures)


def _variants(model: ModelInfo) -> dict[str, list[_Dated]]:
    """Group price variants by the service tier they mean; other conditions are left out."""
    found: dict[str, list[_Dated]] = {}
    for variant in model.price_variants or []:
        [condition, *others] = variant.when.items()
        if others or condition[0] not in _TIER_CONDITIONS or condition[1] == "default":
            continue
        start = (
            variant.constraint.start_date
            if isinstance(variant.constraint, StartDateConstraint)
            else None
        )
        found.setdefault(condition[1], []).append(
            _Dated("", start, None, known_figures(variant.prices))
        )
    return found


def _laid_over(base: list[_Dated], variants: list[_Dated]) -> list[_Dated]:
    """A variant changes some figures of the base from its start; the rest stay the base's."""
    rows: list[_Dated] = []
    ordered = sorted(variants, key=lambda row: row.start or dt.date.min)
    for variant, after in pairwise([*ordered, _Dated("", dt.date.max, None, {})]):
        for row in base:
            start = max(row.start or dt.date.min, variant.start or dt.date.min)
            end = min(row.end or dt.date.max, after.start or dt.date.min)
            if start < end:
                figures = {**row.figures, **variant.figures}
                rows.append(
                    replace(
                        row,
                        start=None if start == dt.date.min else start,
                        end=None if end == dt.date.max else end,
                        figures=figures,
                    )
                )
    return rows


def _flatten(
    provider: str, model: str, tier: str, region: str, rows: list[_Dated]
) -> Iterator[CataloguePrice]:
    for row in rows:
        for token_class, unit, figure, per in class_prices(row.figures):
            for threshold, price in thresholds(figure):
                per_million, original = scaled(price, per)
                yield CataloguePrice(
                    provider_code=provider,
                    model=model,
                    service_tier=tier,
                    region=region,
                    token_class=token_class,
                    unit=unit,
                    threshold=threshold,
                    price_window=row.window,
                    per_million=per_million,
                    original=original,
                    valid_from=row.start,
                    valid_to=row.end,
                )
