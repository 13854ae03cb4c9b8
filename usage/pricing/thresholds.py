"""The context thresholds and daily windows of each SKU: what folding cuts usage by."""

from collections import defaultdict
from dataclasses import dataclass

from usage.models import ModelAlias, Price, Sku
from usage.pricing.matching import ModelMatcher


@dataclass(frozen=True, slots=True)
class SkuBands:
    """Thresholds in input tokens (ascending, without 0) and UTC windows HH:MM-HH:MM."""

    sku_id: int
    thresholds: tuple[int, ...]
    windows: tuple[str, ...]


def matcher() -> ModelMatcher:
    """Build the matcher of the current price book."""
    models = Price.objects.filter(superseded_at=None).values_list("provider_code", "model")
    aliases = ModelAlias.objects.values_list("provider_code", "alias", "model")
    return ModelMatcher(models.distinct(), {(code, alias): model for code, alias, model in aliases})


def sku_bands() -> list[SkuBands]:
    """List the SKUs whose price depends on a request's size or time of day."""
    special: dict[tuple[str, str], tuple[set[int], set[str]]] = defaultdict(lambda: (set(), set()))
    rows = Price.objects.exclude(threshold=0, price_window="")
    for code, model, threshold, window in rows.values_list(
        "provider_code", "model", "threshold", "price_window"
    ):
        special[code, model][0].update({threshold} - {0})
        special[code, model][1].update({window} - {""})
    match = matcher().match
    found = []
    for sku in Sku.objects.all():
        priced = match(sku.provider_code, sku.model)
        if priced and (sku.provider_code, priced) in special:
            thresholds, windows = special[sku.provider_code, priced]
            found.append(SkuBands(sku.pk, tuple(sorted(thresholds)), tuple(sorted(windows))))
    return found
