"""A journal entry: lines in whole minor units whose debits and credits are equal."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext

from tknops.calendar import Period
from tknops.money import EXACT, minor_digits, round_half_up


@dataclass(frozen=True, slots=True)
class Account:
    """An account of the general ledger."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class JournalLine:
    """One side of an entry, in minor units; the other side is 0."""

    account: Account
    debit: int
    credit: int
    text: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """Lines posted together on a day; `estimate` where it will be replaced by a bill."""

    reference: str
    date: dt.date
    text: str
    currency: str
    lines: Sequence[JournalLine]
    estimate: bool = False

    @property
    def difference(self) -> int:
        """Debits − credits: 0 in every entry."""
        return sum(line.debit - line.credit for line in self.lines)


def debit(account: Account, minor: int, text: str = "") -> JournalLine:
    """Debit an amount; one below 0 is a credit."""
    return JournalLine(account, max(minor, 0), max(-minor, 0), text)


def credit(account: Account, minor: int, text: str = "") -> JournalLine:
    """Credit an amount; one below 0 is a debit."""
    return debit(account, -minor, text)


def in_minor_units(amounts: Sequence[Decimal], currency: str) -> list[int]:
    """Round exact amounts to minor units so that they sum to their rounded sum.

    Part k = R(k) − R(k−1), R(k) the rounded sum of the first k; negatives included.
    """
    digits = minor_digits(currency)
    with localcontext(EXACT):
        upto, before, parts = Decimal(0), 0, []
        for amount in amounts:
            upto += amount
            rounded = int(round_half_up(upto, digits).scaleb(digits))
            parts.append(rounded - before)
            before = rounded
    return parts


def reference(period: Period, kind: str, name: str) -> str:
    """Name an entry the same each time it is made: 2026-10-AI-openai."""
    return f"{period.start:%Y-%m}-{kind}-{name}"


def last_day(period: Period) -> dt.date:
    """Return the day a month is posted on."""
    return period.end - dt.timedelta(days=1)
