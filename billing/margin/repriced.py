"""Revenue of customers that only a changed price of theirs makes, in the reporting currency."""

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal, localcontext

from django.conf import settings

from billing.margin.conversion import Conversion
from billing.margin.income import TABLES, income
from billing.margin.memory import Memory
from billing.margin.query import Question
from billing.margin.snapshot import snapshot
from billing.margin.used import policies_of
from billing.measures import UNATTRIBUTED
from billing.revenue import PriceMove, price_moves
from customers.models import Customer
from tknops.calendar import Period
from tknops.money import EXACT, divide, minor_digits
from usage.revisions import Revisions

DIGITS = 12
_moves = Memory()


def by_changed_prices(
    before: Period, now: Period, plans: Sequence[str], rates_on: dt.date | None
) -> dict[str, Decimal]:
    """Sum what changed prices make of each customer's revenue, by its id as sent.

    `plans`: of these alone; none: of all. Other currencies are converted at the rates of a day;
    without one, or without a rate, they are left out.
    """
    with snapshot(), localcontext(EXACT):
        revisions = Revisions.read()
        names = dict(Customer.objects.values_list("pk", "external_id"))
        into = Conversion(settings.REPORTING_CURRENCY, revisions, rates_on)
        found: dict[str, Decimal] = defaultdict(Decimal)
        for move in _all(before, now, revisions):
            if (worth := _worth(move, into, rates_on)) and (not plans or move.thing.plan in plans):
                found[names.get(move.thing.customer_id or 0, UNATTRIBUTED)] += worth
        return dict(found)


def recorded(period: Period, plans: Sequence[str]) -> dict[str, Decimal]:
    """Return each customer's revenue as its records are now, whatever a closed month holds."""
    question = Question(("customer",), {"plan": plans} if plans else {})
    with snapshot(), localcontext(EXACT):
        found = income(question, period, settings.REPORTING_CURRENCY, Revisions.read())
    return {key[0]: amount for key, amount in found.by_key.items()}


def forget() -> None:
    """Drop what this process remembers."""
    _moves.clear()


def _all(before: Period, now: Period, revisions: Revisions) -> list[PriceMove]:
    key = (before, now, revisions.of(*TABLES))
    return _moves.get(key, lambda: price_moves(before, now, policies_of(revisions)))


def _worth(move: PriceMove, into: Conversion, day: dt.date | None) -> Decimal | None:
    code = move.thing.currency
    exact = divide(Decimal(move.minor.numerator), Decimal(move.minor.denominator), DIGITS)
    amount = (exact or Decimal(0)).scaleb(-minor_digits(code))
    if code == into.currency:
        return amount
    rate = into.on(code, day) if day else None
    return amount * rate.rate if rate else None
