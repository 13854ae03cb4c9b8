"""Rates into the reporting currency, as of a state of their table; read once, remembered."""

import datetime as dt
from collections.abc import Collection
from functools import partial

from billing.margin.memory import Memory
from billing.rates import Rate, Series, series
from tknops.calendar import Period
from usage.revisions import Key, Revisions

TABLE = "billing_exchangerate"
_held = Memory(limit=500_000)


class Conversion:
    """What other currencies are worth in one, on any day."""

    def __init__(self, currency: str, revisions: Revisions) -> None:
        """Take the currency figures are converted to."""
        self.currency = currency
        self._state: Key = revisions.of(TABLE)

    def on(self, code: str, day: dt.date) -> Rate | None:
        """Return the rate of a day; None: unconverted."""
        return self._series(code).on(day)

    def edges(self, codes: Collection[str], period: Period) -> set[dt.date]:
        """List the days inside a period on which the rate of one of these may be another."""
        others = set(codes) - {self.currency}
        return set().union(*(self._series(code).edges(period) for code in others))

    def _series(self, code: str) -> Series:
        key = (code, self.currency, self._state)
        return _held.get(key, partial(series, code, self.currency), len)


def forget() -> None:
    """Drop what this process remembers."""
    _held.clear()
