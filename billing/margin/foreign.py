"""Cost in other currencies: which there are, and the stretches of days their rates are the same."""

import datetime as dt
from bisect import bisect_right
from collections.abc import Collection

import pyarrow as pa
import pyarrow.compute as pc
from django.conf import settings

from billing.margin.conversion import Conversion
from billing.margin.kinds import Kinds
from billing.margin.prices import PriceTable
from billing.margin.worth import Worth
from tknops.calendar import Period
from usage.revisions import Revisions


class Foreign:
    """What is in other currencies, and the stretches of days on which their rates are the same."""

    def __init__(
        self,
        book: PriceTable,
        stated: Collection[str],
        period: Period,
        revisions: Revisions,
        rates_on: dt.date | None = None,
    ) -> None:
        """Find the currencies in use, and cut the days where a rate changes."""
        self._into = Conversion(settings.REPORTING_CURRENCY, revisions, rates_on)
        self._elsewhere = book.elsewhere
        self._stated = sorted(set(stated) - {settings.REPORTING_CURRENCY})
        self.currencies = book.currencies
        self.there = bool(self._stated or book.elsewhere)
        codes = {*self._stated, *book.currencies}
        self._starts = sorted({period.start, *self._into.edges(codes, period)})

    @property
    def parameters(self) -> list[list[str]]:
        """Return what the query asks for first, where it converts."""
        return [self._stated] if self.there else []

    def numbered(self, epochs: pa.Table) -> pa.Table:
        """Add to each day the number of its stretch."""
        days = epochs["day"].to_pylist()
        numbers = [bisect_right(self._starts, day) - 1 for day in days]
        return epochs.append_column("stretch", pa.array(numbers, pa.int32()))

    def kinds(self, kinds: Kinds) -> pa.Table:
        """List the kinds that have a price in another currency."""
        wanted = pa.array(sorted(self._elsewhere), pa.int64())
        return kinds.kinds.filter(pc.is_in(kinds.kinds["sku_id"], wanted)).select(["kind"])

    def worth(self, stretch: int | None) -> Worth:
        """Convert at the rates of a stretch."""
        day: dt.date = self._starts[stretch or 0]
        return Worth(self._into, day)
