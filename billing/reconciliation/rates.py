"""At which rate money of a bill is read in the reporting currency."""

import datetime as dt
from decimal import Decimal

from django.conf import settings

from billing.rates import Into

_SAME = Decimal(1)


class Rates:
    """The rate a bill was paid at beside the stored one; each currency is read once."""

    def __init__(self) -> None:
        """Read nothing before it is needed."""
        self._into = Into(settings.REPORTING_CURRENCY)

    def stored(self, currency: str, day: dt.date) -> Decimal | None:
        """Return the stored rate in force on a day; None where there is none."""
        found = self._into.on(currency, day)
        return found.rate if found else None

    def of(
        self, currency: str, paid: Decimal | None, day: dt.date
    ) -> tuple[Decimal, Decimal] | None:
        """Return the rate a bill was paid at and the one of the usage's day; None: unconverted.

        One that is not known is taken to be the other: then nothing of the variance is currency.
        """
        if currency == settings.REPORTING_CURRENCY:
            return _SAME, _SAME
        valued = self.stored(currency, day) or paid
        settled = paid or valued
        return (settled, valued) if settled is not None and valued is not None else None
