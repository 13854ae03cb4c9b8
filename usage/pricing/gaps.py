"""Why something bought has no price."""

from collections.abc import Sequence

from usage.models import Price
from usage.pricing.adjusting import ORDINARY_TIERS
from usage.tokens import TOKEN_CLASSES, UNITS

UNKNOWN_MODEL = "not in the price book"
_LABELS = {token.name: token.label.lower() for token in TOKEN_CLASSES}


def why_unpriced(prices: Sequence[Price], *, tier: str, region: str, key: tuple[str, str]) -> str:
    """Say what the prices of a model lack for a (token class, unit)."""
    if not prices:
        return UNKNOWN_MODEL
    of_class = [price for price in prices if (price.token_class, price.unit) == key]
    if not of_class:
        return f"no price of {class_label(*key)}"
    ordinary = "" if tier in ORDINARY_TIERS else tier
    tiered = [price for price in of_class if price.service_tier == ordinary]
    if not tiered:
        return f"no price for the tier {tier or 'default'}"
    if not any(price.region in {"", region} for price in tiered):
        return f"no price for {'the region ' + region if region else 'calls without a region'}"
    return "no price for some days"


def class_label(token_class: str, unit: str = "") -> str:
    """Name a class, or the unit, in a sentence."""
    if token_class == UNITS:
        return f"units ({unit})" if unit else "units"
    return f"{_LABELS[token_class]} tokens"
