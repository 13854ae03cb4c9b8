"""Which token class or unit each figure of the catalogue prices, and its price per million."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import TypeAlias

from genai_prices.types import ModelPrice, TieredPrices

from tknops.money import EXACT, MILLION, divide
from usage.tokens import TOKEN_CLASSES, UNITS

Figure: TypeAlias = Decimal | TieredPrices
Figures: TypeAlias = Mapping[str, Figure]
TOKEN_FIELDS = {
    "input_mtok": "input_tokens",
    "cache_read_mtok": "cache_read_tokens",
    "cache_write_mtok": "cache_write_tokens",
    "cache_write_1h_mtok": "cache_write_1h_tokens",
    "output_mtok": "output_tokens",
    "input_audio_mtok": "input_audio_tokens",
    "output_audio_mtok": "output_audio_tokens",
    "input_image_mtok": "input_image_tokens",
    "output_image_mtok": "output_image_tokens",
    "input_video_mtok": "input_video_tokens",
    "output_video_mtok": "output_video_tokens",
    "cache_audio_read_mtok": "cache_read_audio_tokens",
    "cache_image_read_mtok": "cache_read_image_tokens",
}
# What the figure counts and how many of it; of two figures for one unit the first is taken.
UNIT_FIELDS = {
    "web_searches_kcount": ("search", 1000),
    "storage_searches_kcount": ("file_search", 1000),
    "rerank_searches_kcount": ("rerank_search", 1000),
    "requests_kcount": ("request", 1000),
    "input_text_messages_kcount": ("message", 1000),
    "input_mchars": ("character", 1_000_000),
    "input_document_kpages": ("page", 1000),
    "input_annotated_document_kpages": ("annotated_page", 1000),
    "input_audio_hours": ("second", 3600),
    "audio_hours": ("second", 3600),
    "output_reasoning_mtok": ("reasoning_token", 1_000_000),
    "output_citation_mtok": ("citation_token", 1_000_000),
}
DECIMALS = 10


def known_figures(prices: ModelPrice) -> Figures:
    """Return the figures that a token class or unit stands for."""
    known = (*TOKEN_FIELDS, *UNIT_FIELDS)
    return {name: value for name in known if (value := getattr(prices, name, None)) is not None}


def class_prices(figures: Figures) -> Iterator[tuple[str, str, Figure, int]]:
    """Yield (token class, unit, figure, what it is per).

    A class without a figure costs what the nearest of its parents costs, as the catalogue counts.
    """
    by_class = {
        TOKEN_FIELDS[name]: value for name, value in figures.items() if name in TOKEN_FIELDS
    }
    for token in TOKEN_CLASSES:
        for name in (token.name, *token.falls_back_to):
            if name in by_class:
                yield token.name, "", by_class[name], int(MILLION)
                break
    units: dict[str, tuple[str, str, Figure, int]] = {}
    for name, (unit, per) in UNIT_FIELDS.items():
        if name in figures:
            units.setdefault(unit, (UNITS, unit, figures[name], per))
    yield from units.values()


def thresholds(figure: Figure) -> Iterator[tuple[int, Decimal]]:
    """Yield (threshold in input tokens, price above it), 0 first."""
    if isinstance(figure, TieredPrices):
        yield 0, figure.base
        for tier in figure.tiers:
            yield tier.start, tier.price
    else:
        yield 0, figure


def scaled(price: Decimal, per: int) -> tuple[Decimal, str]:
    """Return the price per million and, where that had to be rounded, the source's own figure."""
    million = EXACT.multiply(price, MILLION)
    rounded = divide(million, Decimal(per), DECIMALS) or Decimal(0)
    exact = EXACT.multiply(rounded, Decimal(per)) == million
    return rounded, "" if exact else f"{price} per {per}"
