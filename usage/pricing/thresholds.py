"""The context thresholds and daily windows of each SKU: what folding cuts usage by."""

from collections import defaultdict
from dataclasses import dataclass

from usage.models import Sku
from usage.pricing.book import Book
from usage.pricing.matching import ModelMatcher


@dataclass(frozen=True, slots=True)
class SkuBands:
    """Thresholds in input tokens (ascending, without 0) and UTC windows HH:MM-HH:MM."""

    sku_id: int
    thresholds: tuple[int, ...]
    windows: tuple[str, ...]


def matcher() -> ModelMatcher:
    """Build the matcher of the current price book."""
    return Book().matcher()


def sku_bands(book: Book | None = None) -> list[SkuBands]:
    """List the SKUs whose price depends on a request's size or time of day."""
    book = book or Book()
    special: dict[tuple[str, str], tuple[set[int], set[str]]] = defaultdict(lambda: (set(), set()))
    for code, model, threshold, window in book.cuts():
        special[code, model][0].update({threshold} - {0})
        special[code, model][1].update({window} - {""})
    match = book.matcher().match
    found = []
    for sku in Sku.objects.all():
        priced = match(sku.provider_code, sku.model)
        if priced and (sku.provider_code, priced) in special:
            thresholds, windows = special[sku.provider_code, priced]
            found.append(SkuBands(sku.pk, tuple(sorted(thresholds)), tuple(sorted(windows))))
    return found
