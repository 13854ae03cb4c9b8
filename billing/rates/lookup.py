"""Read rates: as published, turned round, or crossed through the euro, rounded once.

The rule: on a day the last published day at or before it counts, at most REACH days back; of what
was published for that one day, the pair itself goes before its inverse, and that before the cross
rate through EUR. An inverse or cross rate is worked out as a fraction of whole numbers and rounded
half-up once, to DECIMALS decimals; a rate used as published is not rounded at all.
"""

import datetime as dt
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from billing.models import ExchangeRate
from tknops.calendar import Period

DECIMALS = 12
# Days a published rate lasts after its own: over any week end and the longest bank holidays.
REACH = 7
PIVOT = "EUR"
PUBLISHED, INVERSE, CROSS = "as published", "inverse", f"cross rate through {PIVOT}"
_Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Rate:
    """How much of `quote` one `base` is, the day it was published for, and what it is made of."""

    base: str
    quote: str
    date: dt.date
    rate: Decimal
    source: str
    how: str
    made_of: tuple[int, ...]

    def __str__(self) -> str:
        """Write it as a footnote does."""
        how = "" if self.how == PUBLISHED else f", {self.how}"
        rate = f"{self.rate.normalize():f}"
        return f"1 {self.base} = {rate} {self.quote} on {self.date} ({self.source}{how})"


@dataclass(frozen=True, slots=True)
class Published:
    """A row of the table."""

    pk: int
    rate: Decimal
    source: str


class Series:
    """All rates of one pair, by day."""

    def __init__(self, rates: Sequence[Rate]) -> None:
        """Take them in the order of their days."""
        self._rates = rates
        self._dates = [rate.date for rate in rates]

    def __len__(self) -> int:
        """How many days have a rate of their own."""
        return len(self._dates)

    def on(self, day: dt.date) -> Rate | None:
        """Return the rate in force; None where none was published within REACH days before."""
        at = bisect_right(self._dates, day) - 1
        if at < 0 or (day - self._dates[at]).days > REACH:
            return None
        return self._rates[at]

    def edges(self, period: Period) -> set[dt.date]:
        """List the days inside a period on which the rate in force may be another."""
        reach = dt.timedelta(REACH + 1)
        first = bisect_left(self._dates, period.start - reach)
        last = bisect_left(self._dates, period.end)
        found = {
            day for published in self._dates[first:last] for day in (published, published + reach)
        }
        return {day for day in found if period.start < day < period.end}


class Into:
    """What other currencies are worth in one, on any day; each pair is read once."""

    def __init__(self, currency: str) -> None:
        """Take the currency to convert to."""
        self.currency = currency
        self._read: dict[str, Series] = {}

    def on(self, code: str, day: dt.date) -> Rate | None:
        """Return the rate of a day; None: unconverted."""
        return self._of(code).on(day)

    def edges(self, codes: Iterable[str], period: Period) -> set[dt.date]:
        """List the days inside a period on which the rate of one of these may be another."""
        others = set(codes) - {self.currency}
        return set().union(*(self._of(code).edges(period) for code in others))

    def series(self, code: str) -> Series:
        """Read the rates of one currency."""
        return series(code, self.currency)

    def _of(self, code: str) -> Series:
        if code not in self._read:
            self._read[code] = self.series(code)
        return self._read[code]


def series(base: str, quote: str) -> Series:
    """Read every rate of a pair. Uses index: billing_exchangerate_one_in_force."""
    codes = {base, quote, PIVOT}
    rows = ExchangeRate.objects.filter(superseded_at=None, base__in=codes, quote__in=codes)
    by_day: dict[dt.date, dict[_Pair, Published]] = defaultdict(dict)
    for pk, first, second, day, rate, source in rows.values_list(
        "pk", "base", "quote", "date", "rate", "source"
    ):
        by_day[day][first, second] = Published(pk, rate, source)
    found = (rate_of(base, quote, day, by_day[day]) for day in sorted(by_day))
    return Series([rate for rate in found if rate is not None])


def rate_of(
    base: str, quote: str, day: dt.date, published: Mapping[_Pair, Published]
) -> Rate | None:
    """Make the rate of a pair from what was published for one day."""
    if found := published.get((base, quote)):
        return Rate(base, quote, day, found.rate, found.source, PUBLISHED, (found.pk,))
    if found := published.get((quote, base)):
        worth = 1 / Fraction(found.rate)
        return _made(base, quote, day, worth, INVERSE, (found,))
    if PIVOT in {base, quote}:
        return None
    from_base, to_quote = _of_pivot(base, published), _of_pivot(quote, published)
    if from_base is None or to_quote is None:
        return None
    worth = to_quote[0] / from_base[0]
    return _made(base, quote, day, worth, CROSS, (from_base[1], to_quote[1]))


def _of_pivot(code: str, published: Mapping[_Pair, Published]) -> tuple[Fraction, Published] | None:
    """Say how much of a currency one euro is, and which row says so."""
    if found := published.get((PIVOT, code)):
        return Fraction(found.rate), found
    if found := published.get((code, PIVOT)):
        return 1 / Fraction(found.rate), found
    return None


def _made(
    base: str,
    quote: str,
    day: dt.date,
    worth: Fraction,
    how: str,
    rows: tuple[Published, ...],
) -> Rate | None:
    rate = rounded(worth)
    if not rate:  # too small for so many decimals: no rate rather than a wrong one
        return None
    source = " and ".join(dict.fromkeys(row.source for row in rows))
    return Rate(base, quote, day, rate, source, how, tuple(row.pk for row in rows))


def rounded(worth: Fraction) -> Decimal:
    """Round a fraction above 0 half-up to DECIMALS decimals, in whole numbers."""
    top, below = worth.numerator * 10**DECIMALS, worth.denominator
    return Decimal((2 * top + below) // (2 * below)).scaleb(-DECIMALS)
