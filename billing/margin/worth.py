"""What money of a day is in the reporting currency, noting the rates that said so."""

import datetime as dt
from decimal import Decimal

from billing.margin.conversion import Conversion
from billing.rates import Rate


class Worth:
    """Converts amounts of one day; `rates` are those it used."""

    def __init__(self, into: Conversion, day: dt.date) -> None:
        """Take the day whose rates count."""
        self._into, self._day = into, day
        self.rates: set[Rate] = set()

    def of(self, amount: Decimal, code: str) -> Decimal | None:
        """Convert exactly; None where the day has no rate: unconverted, never 1.0."""
        if code == self._into.currency:
            return amount
        rate = self._into.on(code, self._day)
        if rate is None:
            return None
        self.rates.add(rate)
        return amount * rate.rate
