"""On which days a customer's usage belongs to a cell: filters whose answer changes by day."""

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from billing.margin.meaning import customer_attributes
from billing.measures import ATTRIBUTE, NO_PLAN, NONE
from billing.revenue import PlanInterval, plan_intervals
from tknops.calendar import GRAINS, Period, grain_key

Stretch = tuple[dt.date, dt.date]
# (first day, end, value) of one customer.
Valued = tuple[dt.date, dt.date, str]


@dataclass(slots=True)
class Days:
    """The days the filters accept, for everybody and per customer.

    `splits` is set where a customer has several plans at once and only a part of them is meant:
    the usage of those days belongs to the cell in part.
    """

    whole: list[Stretch]
    changing: list[tuple[dict[int, list[Valued]], str, frozenset[str]]] = field(
        default_factory=list
    )
    splits: bool = False

    def of(self, customer: int | None, start: dt.date, end: dt.date) -> list[Stretch]:
        """Return the accepted days of a customer within [start, end)."""
        found = both(self.whole, [(start, end)])
        for by_customer, otherwise, accepted in self.changing:
            valued = by_customer.get(customer or 0, [])
            fitting = [(a, b) for a, b, value in valued if value in accepted]
            if otherwise in accepted:
                fitting += gaps([(a, b) for a, b, _ in valued], start, end)
            found = both(found, fitting)
        return found


def accepted_days(filters: Mapping[str, Sequence[str]], period: Period) -> Days:
    """Read the filters on time, plans and customer attributes."""
    days = Days([(period.start, period.end)])
    for name, keys in filters.items():
        if name in GRAINS:
            parts = [part for part in period.cut(name) if grain_key(name, part.start) in keys]
            days.whole = both(days.whole, [(part.start, part.end) for part in parts])
        elif name == "plan":
            plans, days.splits = _plans(plan_intervals(period), frozenset(keys))
            days.changing.append((plans, NO_PLAN, frozenset(keys)))
        elif name.startswith(ATTRIBUTE):
            days.changing.append((_attribute(name), NONE, frozenset(keys)))
    return days


def _attribute(name: str) -> dict[int, list[Valued]]:
    found: dict[int, list[Valued]] = defaultdict(list)
    for customer, start, end, value in customer_attributes(name):
        found[customer].append((start, end, value))
    return found


def _plans(
    intervals: Sequence[PlanInterval], accepted: frozenset[str]
) -> tuple[dict[int, list[Valued]], bool]:
    together: dict[tuple[int, dt.date, dt.date], set[str]] = defaultdict(set)
    for one in intervals:
        together[one.customer_id, one.start, one.end].add(one.plan)
    found: dict[int, list[Valued]] = defaultdict(list)
    splits = False
    for (customer, start, end), plans in sorted(together.items(), key=lambda item: item[0]):
        meant = plans & accepted
        splits = splits or bool(meant and plans - accepted)
        found[customer].append((start, end, min(meant or plans)))
    return found, splits


def both(some: Sequence[Stretch], others: Sequence[Stretch]) -> list[Stretch]:
    """Return the days in both."""
    found = [(max(a, c), min(b, d)) for a, b in some for c, d in others]
    return sorted((start, end) for start, end in found if start < end)


def gaps(covered: Sequence[Stretch], start: dt.date, end: dt.date) -> list[Stretch]:
    """Return the days of [start, end) that none of the stretches covers."""
    found, at = [], start
    for first, last in sorted(covered):
        if at < first:
            found.append((at, min(first, end)))
        at = max(at, last)
    if at < end:
        found.append((at, end))
    return [(a, b) for a, b in found if a < b]
