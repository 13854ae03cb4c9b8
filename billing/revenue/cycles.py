"""How often a price is charged, and what of it falls on a day, a month and a year.

A year is 12 months for prices by the month or year, and 365 days for those by the day or week (a
week is 7 days): 70 a week are 70 × 365 ÷ 7 a year, 70 × 365 ÷ 84 a month; 90 a quarter are 30.
"""

from dataclasses import dataclass
from fractions import Fraction

from billing.models import Interval, PlanPrice, Subscription

YEAR, YEAR_DAYS = 12, 365
NORMALISED = (
    "ex tax and after recurring discounts, normalised to a month: of every n months ÷ n, every n "
    "years ÷ 12 n, every n days × 365 ÷ 12 n, every n weeks × 365 ÷ 84 n"
)
_MONTHS = {Interval.MONTH: 1, Interval.YEAR: YEAR}
_DAYS = {Interval.DAY: 1, Interval.WEEK: 7}


@dataclass(frozen=True, slots=True)
class Cycle:
    """What one price pays for: so many months, or, where those are 0, so many days."""

    months: int
    days: int = 0

    @property
    def per_year(self) -> Fraction:
        """How often a year has it."""
        return Fraction(YEAR, self.months) if self.months else Fraction(YEAR_DAYS, self.days)


def cycle_of(priced: Subscription | PlanPrice) -> Cycle:
    """Return what its price pays for."""
    every = Interval(priced.interval)
    if every in _MONTHS:
        return Cycle(_MONTHS[every] * priced.interval_count)
    return Cycle(0, _DAYS[every] * priced.interval_count)
