"""At which rate money of a bill is read in the reporting currency."""

import datetime as dt
from decimal import Decimal

from django.conf import settings

_SAME = Decimal(1)


def published(currency: str, _day: dt.date) -> Decimal | None:
    """Return the stored rate of the day; None where there is none: never 1.0 for it."""
    return _SAME if currency == settings.REPORTING_CURRENCY else None


def rates(currency: str, paid: Decimal | None, day: dt.date) -> tuple[Decimal, Decimal] | None:
    """Return the rate a bill was paid at and the one of the usage's day; None: unconverted.

    One that is not known is taken to be the other: then nothing of the variance is currency.
    """
    if currency == settings.REPORTING_CURRENCY:
        return _SAME, _SAME
    valued = published(currency, day) or paid
    settled = paid or valued
    return (settled, valued) if settled is not None and valued is not None else None
