"""Monthly recurring revenue at any day: per account and plan, converted at that day's rate."""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from django.conf import settings

from billing.margin import snapshot
from billing.margin.conversion import Conversion
from billing.rates import Rate
from billing.reports.mrr.contracts import Account, Contract, contracts
from billing.revenue.cycles import YEAR
from tknops.calendar import Period, month_start, next_month
from tknops.money import round_half_up
from usage.revisions import Revisions

DECIMALS = 10
ZERO = Fraction(0)
# Money a month in its own currency.
Native = dict[str, Fraction]


@dataclass(slots=True)
class Standing:
    """What recurs at a day: by account and currency a month, and the contracts behind."""

    day: dt.date
    native: dict[str, Native] = field(default_factory=dict)
    contracts: dict[str, list[Contract]] = field(default_factory=dict)


class MrrBook:
    """All contracts, and the rates their money is converted by."""

    def __init__(
        self,
        found: Sequence[Contract],
        rate_on: Callable[[str, dt.date], Rate | None],
        currency: str,
    ) -> None:
        """Take the contracts; a rate is asked for by currency and day."""
        self._contracts = found
        self._monthly = [one.yearly / YEAR for one in found]
        self._rate_on, self.currency = rate_on, currency
        self.accounts: dict[str, Account] = {one.account.key: one.account for one in found}
        self._standings: dict[dt.date, Standing] = {}
        self._worth: dict[tuple[str, dt.date], Fraction | None] = {}
        self._mrr: dict[dt.date, dict[str, Fraction]] = {}
        self._firsts: dict[str, dt.date] | None = None

    def at(self, day: dt.date) -> Standing:
        """Return what recurs at a day."""
        if day not in self._standings:
            self._standings[day] = self._stand(day)
        return self._standings[day]

    def worth(self, code: str, day: dt.date) -> Fraction | None:
        """Return what a currency is worth at a day; None: unconverted."""
        if code == self.currency:
            return Fraction(1)
        if (code, day) not in self._worth:
            rate = self._rate_on(code, day)
            self._worth[code, day] = Fraction(rate.rate) if rate else None
        return self._worth[code, day]

    def rates(self, days: Sequence[dt.date]) -> list[Rate]:
        """Return the rates of days, where something is converted by them."""
        found = {
            rate
            for day in days
            for code in {c for native in self.at(day).native.values() for c in native}
            if code != self.currency and (rate := self._rate_on(code, day))
        }
        return sorted(found, key=lambda rate: (rate.base, rate.date))

    def converted(self, native: Native, day: dt.date) -> Fraction:
        """Sum what has a rate on a day."""
        return sum(
            (amount * (self.worth(code, day) or ZERO) for code, amount in native.items()), ZERO
        )

    def mrr(self, day: dt.date) -> dict[str, Fraction]:
        """Return each account's monthly recurring revenue at a day; never change the answer."""
        if day not in self._mrr:
            native = self.at(day).native
            self._mrr[day] = {k: self.converted(amounts, day) for k, amounts in native.items()}
        return self._mrr[day]

    def by_plan(self, day: dt.date) -> dict[str, dict[str, Fraction]]:
        """Return the monthly recurring revenue at a day per plan and account."""
        found: dict[str, dict[str, Fraction]] = defaultdict(lambda: defaultdict(Fraction))
        for key, some in self.at(day).contracts.items():
            for one in some:
                monthly = {one.currency: one.yearly / YEAR}
                found[one.plan][key] += self.converted(monthly, day)
        return {plan: dict(accounts) for plan, accounts in found.items()}

    def unconverted(self, day: dt.date) -> dict[str, Fraction]:
        """Return what has no rate at a day, per currency."""
        found: dict[str, Fraction] = defaultdict(Fraction)
        for native in self.at(day).native.values():
            for code, amount in native.items():
                if self.worth(code, day) is None:
                    found[code] += amount
        return dict(found)

    def first_months(self, last: dt.date) -> dict[str, dt.date]:
        """Return per account the first month end, up to a day, at which something recurred."""
        if self._firsts is None:
            self._firsts = {}
            for one in self._contracts:
                end = month_end(one.start)
                # One that ends within its first month was there at no month end.
                if end < one.end:
                    self._firsts[one.account.key] = min(end, self._firsts.get(one.account.key, end))
        return {key: first for key, first in self._firsts.items() if first <= last}

    def _stand(self, day: dt.date) -> Standing:
        standing = Standing(day)
        for one, monthly in zip(self._contracts, self._monthly, strict=True):
            if one.runs_on(day):
                native = standing.native.setdefault(one.account.key, {})
                before = native.get(one.currency)
                native[one.currency] = monthly if before is None else before + monthly
                standing.contracts.setdefault(one.account.key, []).append(one)
        return standing


def mrr_book() -> MrrBook:
    """Read the contracts and rates as of now."""
    with snapshot():
        into = Conversion(settings.REPORTING_CURRENCY, Revisions.read())
        return MrrBook(contracts(), into.on, into.currency)


def month_end(day: dt.date) -> dt.date:
    """Return the last day of a day's month."""
    return next_month(day) - dt.timedelta(days=1)


def month_ends(period: Period) -> list[dt.date]:
    """Return the last day of each month of a period; of a running one, the last day it has."""
    last = period.end - dt.timedelta(days=1)
    return [min(month_end(month_start(part.start)), last) for part in period.months()]


def decimal(amount: Fraction) -> Decimal:
    """Write a fraction with 10 decimals, half-up away from zero; exact where it has fewer."""
    scaled = abs(amount) * 10**DECIMALS
    units = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    return Decimal(units if amount >= 0 else -units).scaleb(-DECIMALS)


def shown(amount: Fraction, digits: int = 2) -> str:
    """Write an amount as a person reads it."""
    return f"{round_half_up(decimal(amount), digits):,}"
