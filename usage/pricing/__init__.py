"""What a SKU costs: the price book, how model names find their price, the catalogue's import."""

from usage.pricing.book import Book
from usage.pricing.change import PriceChange
from usage.pricing.lookup import PriceRow, SkuBook, price_rows, sku_books
from usage.pricing.matching import ModelMatcher
from usage.pricing.revise import revise_price, withdraw_prices
from usage.pricing.sync import PriceDiff, sync_prices
from usage.pricing.thresholds import matcher, sku_bands

__all__ = [
    "Book",
    "ModelMatcher",
    "PriceChange",
    "PriceDiff",
    "PriceRow",
    "SkuBook",
    "matcher",
    "price_rows",
    "revise_price",
    "sku_bands",
    "sku_books",
    "sync_prices",
    "withdraw_prices",
]
