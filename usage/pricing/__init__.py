"""What a SKU costs: the price book, how model names find their price, the catalogue's import."""

from usage.pricing.lookup import PriceRow, price_rows
from usage.pricing.matching import ModelMatcher
from usage.pricing.revise import revise_price, withdraw_prices
from usage.pricing.sync import PriceDiff, sync_prices
from usage.pricing.thresholds import matcher, sku_bands

__all__ = [
    "ModelMatcher",
    "PriceDiff",
    "PriceRow",
    "matcher",
    "price_rows",
    "revise_price",
    "sku_bands",
    "sync_prices",
    "withdraw_prices",
]
