"""What money of a day is in the reporting currency, noting the rates that said so."""

import datetime as dt
from decimal import Decimal

from billing.margin.conversion import Conversion
from billing.rates import Rate

# Money by currency and the day whose rate is missing.
Waiting = dict[tuple[str, dt.date], Decimal]
# The same by key of a question too.
Elsewhere = dict[tuple[tuple[str, ...], str, dt.date], Decimal]


def waiting_of(elsewhere: Elsewhere) -> Waiting:
    """Sum what waits for rates over all keys."""
    found: Waiting = {}
    for (_, code, day), amount in elsewhere.items():
        found[code, day] = found.get((code, day), Decimal(0)) + amount
    return found


def by_key_and_code(elsewhere: Elsewhere) -> dict[tuple[tuple[str, ...], str], Decimal]:
    """Sum what waits for rates over all days."""
    found: dict[tuple[tuple[str, ...], str], Decimal] = {}
    for (key, code, _), amount in elsewhere.items():
        found[key, code] = found.get((key, code), Decimal(0)) + amount
    return found


def by_currency(waiting: Waiting) -> dict[str, Decimal]:
    """Sum what waits for rates, per currency."""
    found: dict[str, Decimal] = {}
    for (code, _), amount in sorted(waiting.items()):
        found[code] = found.get(code, Decimal(0)) + amount
    return found


class Worth:
    """Converts amounts of one day; `rates` are those it used."""

    def __init__(self, into: Conversion, day: dt.date) -> None:
        """Take the day whose rates count."""
        self._into, self.day = into, day
        self.rates: set[Rate] = set()

    def of(self, amount: Decimal, code: str) -> Decimal | None:
        """Convert exactly; None where the day has no rate: unconverted, never 1.0."""
        if code == self._into.currency:
            return amount
        rate = self._into.on(code, self.day)
        if rate is None:
            return None
        self.rates.add(rate)
        return amount * rate.rate
