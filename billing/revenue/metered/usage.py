"""What a customer used on a day, and what a unit of it costs them."""

import datetime as dt
from collections.abc import Callable, Collection, Mapping
from fractions import Fraction
from typing import NamedTuple

from billing.models import RecognitionPolicy
from tknops.calendar import Period
from tknops.money import minor_digits

_MEASURE = RecognitionPolicy.Measure


class Used(NamedTuple):
    """What a customer used on a day; units are in millionths."""

    events: int
    tokens: int
    units: int

    def of(self, measure: str) -> int:
        """Return the quantity in a measure."""
        if measure == _MEASURE.TOKENS:
            return self.tokens
        return self.units if measure == _MEASURE.UNITS else self.events


Days = Mapping[dt.date, Used]
# Reads what customers, by their ids, used on each of some days.
Usage = Callable[[Collection[int], Period], Mapping[int, Days]]


def rounded(amount: Fraction) -> int:
    """Round an amount that is not negative half up."""
    return (2 * amount.numerator + amount.denominator) // (2 * amount.denominator)


def unit_price(policy: RecognitionPolicy, currency: str) -> Fraction | None:
    """Return the unit price in minor units per counted unit; None in another currency."""
    if policy.unit_price is None or policy.currency != currency:
        return None
    millions = 12 if policy.measure == _MEASURE.UNITS else 6
    return Fraction(policy.unit_price) * Fraction(10) ** (minor_digits(currency) - millions)
