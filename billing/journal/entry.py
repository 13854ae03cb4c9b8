"""A journal entry: lines in whole minor units whose debits and credits are equal."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext

from tknops.calendar import Period
from tknops.money import EXACT, minor_digits, round_half_up

# The kind of entries that accrue AI cost, the only ones whose figures are rows of a frozen file.
USAGE = "AI"


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
    """Lines posted together on a day; `estimate` where it will be replaced by a bill.

    `corrects` is the reference of the entry of a closed month it corrects; empty for others.
    """

    reference: str
    date: dt.date
    text: str
    currency: str
    lines: Sequence[JournalLine]
    estimate: bool = False
    corrects: str = ""

    @property
    def about(self) -> str:
        """The reference of the entry it is, or corrects."""
        return self.corrects or self.reference

    @property
    def month(self) -> str:
        """The month it is about: its own, or the closed one it corrects."""
        return self.about[: len("2026-10")]

    @property
    def accrues(self) -> bool:
        """Whether it accrues AI cost of its own month."""
        return not self.corrects and self.of_usage

    @property
    def of_usage(self) -> bool:
        """Whether it accrues AI cost, or corrects what does."""
        return self.about[len(self.month) + 1 :].startswith(f"{USAGE}-")

    @property
    def total(self) -> int:
        """The sum of its debits."""
        return sum(line.debit for line in self.lines)

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
