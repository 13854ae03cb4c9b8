"""Random days, amounts and words, hard ones among them."""

import datetime as dt
import random
from decimal import Decimal

from tknops.calendar import add_months

FIRST = dt.date(2024, 1, 1)
# Services begin in the first thousand days and last up to three years.
MONTHS, BEGINS = 72, 1_000
LAST = add_months(FIRST, MONTHS) - dt.timedelta(1)
# Decimals 2, 0 and 3; CHF never has a rate.
CURRENCIES = ("USD", "EUR", "GBP", "JPY", "KRW", "KWD", "BHD", "CHF")
UNRATED = "CHF"


class Chance(random.Random):
    """A seeded source of what the rows are made of."""

    def one_in(self, count: int) -> bool:
        """Happen once in so many times."""
        return not self.randrange(count)

    def day(self, begins: int = BEGINS) -> dt.date:
        """Take a day a service may begin on."""
        return FIRST + dt.timedelta(self.randrange(begins))

    def days(self) -> int:
        """Take a length: usual ones, a day, a leap year, any up to three years."""
        return self.choice((1, 28, 30, 31, 91, 365, 366, self.randrange(1, 1_096)))

    def minor(self) -> int:
        """Take minor units: small, huge, of either sign, 0."""
        size = self.choice((10**2, 10**5, 10**5, 10**15))
        return self.choice((1, 1, 1, 1, 1, -1, 0)) * self.randrange(size)

    def exact(self, digits: int, decimals: int) -> Decimal:
        """Take a figure of up to so many digits before and decimals after the point."""
        units = self.randrange(10 ** self.randrange(1, digits + decimals))
        return Decimal(units).scaleb(-decimals)
