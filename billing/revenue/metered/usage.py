"""What a customer used on a day, and what a unit of it costs them."""

import datetime as dt
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

from billing.models import RecognitionPolicy
from tknops.calendar import Period
from tknops.money import minor_digits

_MEASURE = RecognitionPolicy.Measure


class Used(NamedTuple):
    """What a customer used on a day; units are in millionths."""

    events: int
    tokens: int
    units: int

    def of(self, measure: str) -> int:
        """Return the quantity in a measure."""
        if measure == _MEASURE.TOKENS:
            return self.tokens
        return self.units if measure == _MEASURE.UNITS else self.events


Days = Mapping[dt.date, Used]
_NOTHING = Used(0, 0, 0)


@dataclass(frozen=True, slots=True)
class UsedBy:
    """What a customer used per plan and day, shared over its plans as its cost is.

    `weighed`: the days on which a plan has a share, by its daily contracted revenue.
    """

    by_plan: Mapping[str, Days]
    weighed: Mapping[str, Sequence[Period]]

    def has_share(self, plan: str, day: dt.date) -> bool:
        """Tell whether a plan has a share of a day's usage."""
        return _within(day, self.weighed.get(plan, ()))

    def of(self, plan: str | None, followers: Collection[str]) -> Days:
        """Return the usage that is a plan's, of plans whose revenue follows usage.

        Its share where it has one. Where it has none (it contracts nothing beside plans that do, or
        is no subscription: credits bought once) nothing says which usage is its own: all that is
        not the share of another plan whose revenue follows usage, so that none counts for both.
        """
        own = self.by_plan.get(plan or "", {})
        others = [name for name in self.by_plan if name not in followers]
        found: dict[dt.date, Used] = {}
        for day in sorted({day for days in self.by_plan.values() for day in days}):
            if self.has_share(plan or "", day):
                found[day] = own.get(day, _NOTHING)
            else:
                parts = [self.by_plan[name].get(day, _NOTHING) for name in others]
                found[day] = Used(*map(sum, zip(_NOTHING, *parts, strict=True)))
        return found


# Reads what customers, by their ids, used on each of some days.
Usage = Callable[[Collection[int], Period], Mapping[int, UsedBy]]


def _within(day: dt.date, spans: Sequence[Period]) -> bool:
    return any(span.start <= day < span.end for span in spans)


def rounded(amount: Fraction) -> int:
    """Round an amount that is not negative half up."""
    return (2 * amount.numerator + amount.denominator) // (2 * amount.denominator)


def unit_price(policy: RecognitionPolicy, currency: str) -> Fraction | None:
    """Return the unit price in minor units per counted unit; None in another currency."""
    if policy.unit_price is None or policy.currency != currency:
        return None
    millions = 12 if policy.measure == _MEASURE.UNITS else 6
    return Fraction(policy.unit_price) * Fraction(10) ** (minor_digits(currency) - millions)
