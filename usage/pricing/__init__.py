"""What a SKU costs: the price book, how model names find their price, the catalogue."""

from usage.pricing.book import Book
from usage.pricing.change import PriceChange
from usage.pricing.lookup import PriceRow, SkuBook, price_rows, sku_books
from usage.pricing.matching import ModelMatcher
from usage.pricing.thresholds import matcher, sku_bands

__all__ = [
    "Book",
    "ModelMatcher",
    "PriceChange",
    "PriceRow",
    "SkuBook",
    "matcher",
    "price_rows",
    "sku_bands",
    "sku_books",
]
