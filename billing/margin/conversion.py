"""Rates into the reporting currency, as of a state of their table; read once, remembered."""

import datetime as dt
from collections.abc import Iterable
from functools import partial

from billing.margin.memory import Memory
from billing.rates import Into, Rate, Series, series
from tknops.calendar import Period
from usage.revisions import Key, Revisions

TABLE = "billing_exchangerate"
_held = Memory()


class Conversion(Into):
    """What other currencies are worth in one; what another question read is not read again.

    `rates_on`: the rates of this day count for every day, so that no rate moves a figure.
    """

    def __init__(
        self, currency: str, revisions: Revisions, rates_on: dt.date | None = None
    ) -> None:
        """Take the currency figures are converted to."""
        super().__init__(currency)
        self._state: Key = revisions.of(TABLE)
        self._rates_on = rates_on

    def on(self, code: str, day: dt.date) -> Rate | None:
        """Return the rate of a day, or of the one day that counts."""
        return super().on(code, self._rates_on or day)

    def edges(self, codes: Iterable[str], period: Period) -> set[dt.date]:
        """List the days inside a period on which the rate of one of these may be another."""
        return set() if self._rates_on else super().edges(codes, period)

    def series(self, code: str) -> Series:
        """Read the rates of one currency, or remember them."""
        key = (code, self.currency, self._state)
        return _held.get(key, partial(series, code, self.currency))


def forget() -> None:
    """Drop what this process remembers."""
    _held.clear()
