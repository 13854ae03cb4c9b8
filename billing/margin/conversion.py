"""Rates into the reporting currency, as of a state of their table; read once, remembered."""

from functools import partial

from billing.margin.memory import Memory
from billing.rates import Into, Series, series
from usage.revisions import Key, Revisions

TABLE = "billing_exchangerate"
_held = Memory(limit=500_000)


class Conversion(Into):
    """What other currencies are worth in one; what another question read is not read again."""

    def __init__(self, currency: str, revisions: Revisions) -> None:
        """Take the currency figures are converted to."""
        super().__init__(currency)
        self._state: Key = revisions.of(TABLE)

    def series(self, code: str) -> Series:
        """Read the rates of one currency, or remember them."""
        key = (code, self.currency, self._state)
        return _held.get(key, partial(series, code, self.currency), len)


def forget() -> None:
    """Drop what this process remembers."""
    _held.clear()
