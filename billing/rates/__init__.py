"""What currencies are worth in each other: dated rates, how they are read, how they are entered."""

from billing.rates.enter import ENTERED, RateTerms, enter, withdraw
from billing.rates.lookup import DECIMALS, REACH, Into, Rate, Series, series

__all__ = [
    "DECIMALS",
    "ENTERED",
    "REACH",
    "Into",
    "Rate",
    "RateTerms",
    "Series",
    "enter",
    "series",
    "withdraw",
]
