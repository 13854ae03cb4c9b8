"""Read the genai-prices catalogue (shipped in its package, no network) into plain price rows."""

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from importlib.metadata import version
from itertools import pairwise
from typing import Any

from genai_prices import data
from genai_prices.types import (
    ClauseEquals,
    ClauseOr,
    ModelInfo,
    ModelPrice,
    StartDateConstraint,
    TieredPrices,
    TimeOfDateConstraint,
)

from tknops.money import round_half_up
from usage.tokens import TOKEN_CLASSES

SOURCE = "genai-prices"
# The catalogue's figure → our token class; the rest of its units is not imported yet.
FIELDS = {
    "input_mtok": "input_tokens",
    "cache_read_mtok": "cache_read_tokens",
    "cache_write_mtok": "cache_write_tokens",
    "cache_write_1h_mtok": "cache_write_1h_tokens",
    "output_mtok": "output_tokens",
    "input_audio_mtok": "input_audio_tokens",
    "output_audio_mtok": "output_audio_tokens",
    "input_image_mtok": "input_image_tokens",
    "output_image_mtok": "output_image_tokens",
}
# Per thousand in the catalogue, per million here; the unit they count.
UNIT_FIELDS = {"web_searches_kcount": "search", "requests_kcount": "request"}
DECIMALS = 10


@dataclass(frozen=True, slots=True)
class CataloguePrice:
    """A price as the catalogue states it, in USD per million; dates half-open."""

    provider_code: str
    model: str
    service_tier: str
    token_class: str
    unit: str
    threshold: int
    price_window: str
    per_million: Decimal
    original: str
    valid_from: dt.date | None
    valid_to: dt.date | None


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What the installed package knows."""

    version: str
    providers: dict[str, str]
    prices: list[CataloguePrice]
    aliases: dict[tuple[str, str], str]


def read_catalogue() -> Catalogue:
    """Read every provider and model of the installed catalogue."""
    prices: list[CataloguePrice] = []
    aliases: dict[tuple[str, str], str] = {}
    for provider in data.providers:
        for model in provider.models:
            prices.extend(_model_prices(provider.id, model))
            for name in _exact_names(model.match):
                if name != model.id:
                    aliases[provider.id, name.lower()] = model.id
    return Catalogue(
        version=version("genai-prices"),
        providers={provider.id: provider.name for provider in data.providers},
        prices=prices,
        aliases=aliases,
    )


def _exact_names(clause: object) -> Iterator[str]:
    """Names matched exactly; prefixes and patterns are suggestions, never booked."""
    if isinstance(clause, ClauseEquals):
        yield clause.equals
    elif isinstance(clause, ClauseOr):
        for part in clause.or_:
            yield from _exact_names(part)


def _model_prices(provider: str, model: ModelInfo) -> Iterator[CataloguePrice]:
    base = list(_dated(model.prices))
    yield from _flatten(provider, model.id, "", base)
    for tier, variants in _variants(model).items():
        yield from _flatten(provider, model.id, tier, _laid_over(base, variants))


Figures = Mapping[str, Decimal | TieredPrices]


@dataclass(frozen=True, slots=True)
class _Dated:
    window: str
    start: dt.date | None
    end: dt.date | None
    figures: Figures


def _dated(prices: Any) -> Iterator[_Dated]:
    """Give each conditional price its end: the start of the next one of its window."""
    if isinstance(prices, ModelPrice):
        yield _Dated("", None, None, _figures(prices))
        return
    starts: dict[str, list[tuple[dt.date | None, Figures]]] = {}
    for conditional in prices:
        constraint = conditional.constraint
        window, start = "", None
        if isinstance(constraint, TimeOfDateConstraint):
            window = f"{constraint.start_time:%H:%M}-{constraint.end_time:%H:%M}"
        elif isinstance(constraint, StartDateConstraint):
            start = constraint.start_date
        starts.setdefault(window, []).append((start, _figures(conditional.prices)))
    for window, rows in starts.items():
        rows.sort(key=lambda row: row[0] or dt.date.min)
        for (start, figures), (end, _) in pairwise([*rows, (None, {})]):
            if start is None or start != end:
                yield _Dated(window, start, end, figures)


def _figures(prices: ModelPrice) -> Figures:
    known = {**FIELDS, **UNIT_FIELDS}
    return {name: value for name in known if (value := getattr(prices, name, None)) is not None}


def _variants(model: ModelInfo) -> dict[str, list[_Dated]]:
    """Group price variants by the service tier they mean; other conditions are left out."""
    found: dict[str, list[_Dated]] = {}
    for variant in model.price_variants or []:
        tier = variant.when.get("service_tier") or variant.when.get("processing", "")
        if len(variant.when) != 1 or tier in {"", "default"}:
            continue
        start = (
            variant.constraint.start_date
            if isinstance(variant.constraint, StartDateConstraint)
            else None
        )
        found.setdefault(tier, []).append(_Dated("", start, None, _figures(variant.prices)))
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


def _flatten(provider: str, model: str, tier: str, rows: list[_Dated]) -> Iterator[CataloguePrice]:
    for row in rows:
        for token_class, unit, figure in _with_fallbacks(row.figures):
            for threshold, price in _thresholds(figure):
                scaled = price * 1000 if unit else price
                rounded = round_half_up(scaled, DECIMALS)
                yield CataloguePrice(
                    provider_code=provider,
                    model=model,
                    service_tier=tier,
                    token_class=token_class,
                    unit=unit,
                    threshold=threshold,
                    price_window=row.window,
                    per_million=rounded,
                    original="" if rounded == scaled else str(scaled),
                    valid_from=row.start,
                    valid_to=row.end,
                )


def _with_fallbacks(figures: Figures) -> Iterator[tuple[str, str, Decimal | TieredPrices]]:
    """A class without a figure costs what its parent costs, as the catalogue itself counts."""
    by_class = {FIELDS[name]: value for name, value in figures.items() if name in FIELDS}
    for token in TOKEN_CLASSES:
        figure = by_class.get(token.name)
        if figure is None and token.falls_back_to:
            figure = by_class.get(token.falls_back_to)
        if figure is not None:
            yield token.name, "", figure
    for name, unit in UNIT_FIELDS.items():
        if name in figures:
            yield "units", unit, figures[name]


def _thresholds(figure: Decimal | TieredPrices) -> Iterator[tuple[int, Decimal]]:
    if isinstance(figure, TieredPrices):
        yield 0, figure.base
        for tier in figure.tiers:
            yield tier.start, tier.price
    else:
        yield 0, figure
