"""The price rows behind the margin, one line at a time."""

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence

from django.conf import settings

from billing.margin.conversion import Conversion
from billing.margin.memory import Memory
from billing.margin.prices import resolved
from billing.measures import CONTRACTED
from usage.models import Context
from usage.pricing import PriceRow
from usage.revisions import Revisions
from usage.tokens import UNITS

Rows = Mapping[tuple[int, int, str], list[PriceRow]]
NO_MODEL = "model_without_price"
NO_CLASS = "class_without_price"
NO_RATE = "price_without_rate"
_TABLES = ("usage_price", "usage_priceadjustment", "usage_modelalias", "usage_sku")
_held = Memory()


class Book:
    """Resolved prices, by what the cube joins them by, and the rows of the book they come from."""

    def __init__(self, rows: Rows, into: Conversion) -> None:
        """Take the resolved rows per SKU, band and window, and the rates of other currencies."""
        self._rows = rows
        self.into = into
        self._priced = {sku for sku, _, _ in rows}

    @classmethod
    def of(cls, revisions: Revisions, basis: str = CONTRACTED) -> "Book":
        """Resolve the price book; remembered, since most pages ask for the same."""
        key = (basis, revisions.of(*_TABLES))
        rows = _held.get(key, lambda: _by_use(resolved(basis, revisions)))
        return cls(rows, Conversion(settings.REPORTING_CURRENCY, revisions))

    def row(self, context: Context, day: dt.date, band: int, window: str) -> PriceRow | None:
        """Find the row that prices a SKU's usage of a day, band and window."""
        rows = self._rows.get((context.sku_id, band, window), ())
        return next((row for row in rows if row.start <= day < row.end), None)

    def reason(self, context: Context) -> str:
        """Say why something has no price."""
        return NO_CLASS if context.sku_id in self._priced else NO_MODEL


def price_name(name: str, context: Context) -> str:
    """Return what a quantity's price goes by in a resolved row: its class, or the unit counted."""
    return context.unit if name == UNITS else name


def _by_use(resolved_rows: Sequence[PriceRow]) -> Rows:
    found = defaultdict(list)
    for row in resolved_rows:
        found[row.sku_id, row.band, row.window].append(row)
    return dict(found)
