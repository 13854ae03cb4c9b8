"""What stays over 12 months: NRR, GRR and NRR on AI margin, of one cohort.

The cohort is the accounts with MRR at the month end 12 months before. Both ends are converted at
the rates of the closing day, so that a rate is no retention. Usage revenue is no MRR, so NRR and
GRR leave it out; NRR on AI margin holds all recognised revenue, usage revenue included.
"""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from billing.margin import margin
from billing.reports.mrr.book import ZERO, MrrBook, month_end
from tknops.calendar import Period, add_months, month_start
from tknops.money import divide

WINDOW = 12
PERCENT_DECIMALS = 4


@dataclass(frozen=True, slots=True)
class Retention:
    """MRR of a cohort at both ends of the window, and with each account capped at its opening."""

    cohort: frozenset[str]
    opening: Fraction
    closing: Fraction
    capped: Fraction

    @property
    def nrr(self) -> Decimal | None:
        """Closing over opening in percent; None without a cohort."""
        return percent(self.closing, self.opening)

    @property
    def grr(self) -> Decimal | None:
        """The same with no account above its opening."""
        return percent(self.capped, self.opening)


def retention(book: MrrBook, closed: dt.date) -> Retention:
    """Compare a month end with the one 12 months before."""
    opened = year_before(closed)
    opening = {
        key: book.converted(native, closed) for key, native in book.at(opened).native.items()
    }
    cohort = frozenset(key for key, amount in opening.items() if amount > 0)
    closing = book.mrr(closed)
    return Retention(
        cohort=cohort,
        opening=sum((opening[key] for key in cohort), ZERO),
        closing=sum((closing.get(key, ZERO) for key in cohort), ZERO),
        capped=sum((min(opening[key], closing.get(key, ZERO)) for key in cohort), ZERO),
    )


def margin_nrr(cohort: Collection[str], closed: dt.date) -> Decimal | None:
    """Return the cohort's AI margin of the closing month over that of 12 months before, in percent.

    None where either is unknown, or the earlier one is not above 0.
    """
    if not cohort:
        return None
    before, now = (_margin(cohort, day) for day in (year_before(closed), closed))
    if before is None or now is None or before <= 0:
        return None
    return divide(now * 100, before, PERCENT_DECIMALS)


def year_before(closed: dt.date) -> dt.date:
    """Return the month end 12 months before a day's month."""
    return month_end(add_months(month_start(closed), -WINDOW))


def percent(part: Fraction, whole: Fraction) -> Decimal | None:
    """Return a share in percent, half-up; None of nothing."""
    if whole <= 0:
        return None
    found = part / whole * 100
    return divide(Decimal(found.numerator), Decimal(found.denominator), PERCENT_DECIMALS)


def _margin(cohort: Collection[str], day: dt.date) -> Decimal | None:
    """Sum the AI margin of the cohort over the month to a day."""
    period = Period(month_start(day), day + dt.timedelta(days=1))
    rows = {row.key[0]: row for row in margin(by=["customer"], period=period).rows}
    known = [rows[key].margin for key in cohort if key in rows]
    if any(one is None for one in known):
        return None
    return sum((one for one in known if one is not None), Decimal(0))
