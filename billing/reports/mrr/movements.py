"""How it moved from one month end to the next: six movements per account, summing to the change.

An account's opening amounts are restated at the closing rates: that difference is *currency*. What
is left is *new* (nothing recurred at any month end before), *reactivation* (something did, but not
at the last), *churn* (nothing recurs any more), or else *expansion* or *contraction*. A currency
without a rate at one of two month ends at which it is there moves as currency, too.
"""

import datetime as dt
from dataclasses import dataclass
from fractions import Fraction

from billing.reports.mrr.book import ZERO, MrrBook, Native
from billing.reports.mrr.contracts import Account, Contract

NEW, EXPANSION, CONTRACTION = "new", "expansion", "contraction"
CHURN, REACTIVATION, CURRENCY = "churn", "reactivation", "currency"
KINDS = (NEW, EXPANSION, CONTRACTION, CHURN, REACTIVATION, CURRENCY)


@dataclass(frozen=True, slots=True)
class Movement:
    """What one account's monthly recurring revenue did; `kind` is '' where only rates moved."""

    account: Account
    kind: str
    opening: Fraction
    amount: Fraction
    currency: Fraction
    closing: Fraction
    before: tuple[Contract, ...]
    after: tuple[Contract, ...]

    def of(self, kind: str) -> Fraction:
        """Return the part of one kind."""
        if kind == CURRENCY:
            return self.currency
        return self.amount if kind == self.kind else ZERO


@dataclass(frozen=True, slots=True)
class Month:
    """A month: its opening, its movements, its closing; `known` accounts have a rate."""

    opened: dt.date
    closed: dt.date
    opening: Fraction
    closing: Fraction
    movements: tuple[Movement, ...]
    accounts: int
    known: int

    def total(self, kind: str) -> Fraction:
        """Sum a kind of movement."""
        return sum((one.of(kind) for one in self.movements), ZERO)


def month(book: MrrBook, opened: dt.date, closed: dt.date) -> Month:
    """Return the movements between two month ends."""
    first = book.first_months(closed)
    before, after = book.at(opened), book.at(closed)
    found = []
    for key in sorted(before.native.keys() | after.native.keys()):
        one = _movement(book, key, opened, closed, seen=first.get(key, closed) <= opened)
        if one.amount or one.currency:
            found.append(one)
    closing = book.mrr(closed)
    return Month(
        opened=opened,
        closed=closed,
        opening=sum(book.mrr(opened).values(), ZERO),
        closing=sum(closing.values(), ZERO),
        movements=tuple(found),
        accounts=len(after.native),
        known=sum(1 for amount in closing.values() if amount),
    )


def _movement(book: MrrBook, key: str, opened: dt.date, closed: dt.date, *, seen: bool) -> Movement:
    before, after = book.at(opened), book.at(closed)
    old, new = before.native.get(key, {}), after.native.get(key, {})
    currency, rest = ZERO, ZERO
    for code in old.keys() | new.keys():
        rates = book.worth(code, opened), book.worth(code, closed)
        moved = _split(old.get(code, ZERO), new.get(code, ZERO), *rates)
        currency, rest = currency + moved[0], rest + moved[1]
    return Movement(
        account=book.accounts[key],
        kind=_kind(old, new, rest, seen=seen) if rest else "",
        opening=book.mrr(opened).get(key, ZERO),
        amount=rest,
        currency=currency,
        closing=book.mrr(closed).get(key, ZERO),
        before=tuple(before.contracts.get(key, ())),
        after=tuple(after.contracts.get(key, ())),
    )


def _split(
    old: Fraction, new: Fraction, at_open: Fraction | None, at_close: Fraction | None
) -> tuple[Fraction, Fraction]:
    """Split the change of one currency into what its rate did and what was sold."""
    if old == new and at_open == at_close:
        return ZERO, ZERO
    opening, closing = old * (at_open or ZERO), new * (at_close or ZERO)
    if old and at_open is not None and at_close is not None:
        restated = old * at_close
        return restated - opening, closing - restated
    if old and new:  # a rate is missing at one end: what moved is that it is not known
        return closing - opening, ZERO
    return ZERO, closing - opening


def _kind(old: Native, new: Native, rest: Fraction, *, seen: bool) -> str:
    if not old:
        return REACTIVATION if seen else NEW
    if not new:
        return CHURN
    return EXPANSION if rest > 0 else CONTRACTION
