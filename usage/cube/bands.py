"""The bands each SKU's usage was cut by when it was folded, to notice when they change."""

import json
from collections.abc import Sequence
from typing import Any

from usage.models import Derivation, Sku
from usage.pricing import Book
from usage.pricing.thresholds import SkuBands, sku_bands

_DERIVATION = "bands"


def current_bands(book: Book | None = None) -> list[SkuBands]:
    """List the bands of every SKU by the price book, or by this one; most have none."""
    special = {row.sku_id: row for row in sku_bands(book)}
    skus = Sku.objects.order_by("pk").values_list("pk", flat=True)
    return [special.get(pk) or SkuBands(pk, (), ()) for pk in skus]


def folded_bands() -> list[SkuBands]:
    """List the bands the cube is cut by; other than today's until the next fold."""
    return [
        SkuBands(int(sku), tuple(thresholds), tuple(windows))
        for sku, (thresholds, windows) in _recorded().items()
    ]


def outdated_skus(current: Sequence[SkuBands]) -> list[int]:
    """List the SKUs whose folded usage is cut by other bands than these.

    A SKU that is not on record has no folded usage yet.
    """
    folded, now = _recorded(), _encoded(current)
    return [int(sku) for sku, bands in folded.items() if now.get(sku) != bands]


def record_new(current: Sequence[SkuBands]) -> None:
    """Record the bands of SKUs folded for the first time; the others keep what they were cut by."""
    folded = _recorded()
    both = {**_encoded(current), **folded}
    if both != folded:
        _write(both)


def record_all(current: Sequence[SkuBands]) -> None:
    """Record that the whole cube is cut by these bands."""
    _write(_encoded(current))


def _recorded() -> dict[str, Any]:
    row = Derivation.objects.filter(pk=_DERIVATION).first()
    found: dict[str, Any] = json.loads(row.made_from) if row else {}
    return found


def _write(bands: dict[str, object]) -> None:
    Derivation.objects.update_or_create(pk=_DERIVATION, defaults={"made_from": json.dumps(bands)})


def _encoded(bands: Sequence[SkuBands]) -> dict[str, object]:
    return {str(row.sku_id): [list(row.thresholds), list(row.windows)] for row in bands}
