"""Which records prove how many seats a recurring line pays for, at what price."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from django.db.models.fields.json import KT

from billing.models import PlanPrice, ReplacedRow, Subscription
from billing.revenue.contracts import subscriptions
from billing.revenue.cycles import Cycle, cycle_of
from billing.revenue.policies import in_force
from billing.revenue.rules import Billed
from tknops.calendar import Period, add_months
from tknops.money import minor_digits, round_half_up

_STATE = ("price", "interval", "interval_count", "quantity")
Proof = tuple[Cycle, int]


class _Stated(NamedTuple):
    """What a subscription was to cost, as stored, or as stored before an import changed it."""

    price: Decimal
    cycle: Cycle
    seats: int


class Proofs:
    """What is stored about prices and seats, asked line by line.

    A line of one whole interval is proven by its subscription, where its price is the line's to the
    minor unit: as it is, or as it was before an import changed it. Else by the list price in force
    when its service begins: the line is that times the seats of its subscription, as it is or was,
    or, where it has no subscription, a whole number of times.
    """

    def __init__(self, lines: Iterable[Billed]) -> None:
        """Read the subscriptions that run while the lines' services do, and the list prices."""
        self._stated: dict[int, list[_Stated]] = {}
        self._running: dict[tuple[int, int], list[Subscription]] = defaultdict(list)
        self._listed: dict[int, dict[Cycle, list[PlanPrice]]] = defaultdict(dict)
        services = [line.service for line in lines]
        if services:
            self._read(Period(min(one.start for one in services), max(one.end for one in services)))

    def _read(self, whole: Period) -> None:
        for one in subscriptions(whole):
            self._running[one.billing_customer_id, one.plan_id].append(one)
            self._stated[one.pk] = [_Stated(one.price, cycle_of(one), one.quantity)]
        replaced = ReplacedRow.objects.filter(table="billing_subscription").order_by("pk")
        # As text: money read as a JSON number would be a float.
        for pk, *was in replaced.values_list("row_id", *(KT(f"before__{name}") for name in _STATE)):
            if pk in self._stated:
                self._stated[pk].append(_as_it_was(*was))
        for price in PlanPrice.objects.filter(price__gt=0).order_by("pk"):
            self._listed[price.plan_id].setdefault(cycle_of(price), []).append(price)

    def of(self, line: Billed) -> Proof | None:
        """Return the interval and the seats a line pays for; None where nothing proves them."""
        if line.method or line.amount_minor <= 0:
            return None
        stated = list(self._of_subscriptions(line))
        digits = minor_digits(line.currency)
        for one in stated:
            minor = round_half_up(one.price, digits).scaleb(digits)
            if minor == line.amount_minor and is_whole(line.service, one.cycle):
                return one.cycle, one.seats
        known = {(one.cycle, one.seats) for one in stated}
        for cycle, prices in self._listed.get(line.plan_id or 0, {}).items():
            listed = in_force(prices, line.service.start)
            if listed and listed.currency == line.currency and is_whole(line.service, cycle):
                seats = Fraction(line.amount_minor) / Fraction(listed.price.scaleb(digits))
                if seats.denominator == 1 and (not known or (cycle, int(seats)) in known):
                    return cycle, int(seats)
        return None

    def _of_subscriptions(self, line: Billed) -> Iterator[_Stated]:
        """List what is stored of the subscription it names, or of those it may be for."""
        if line.subscription_id:
            yield from self._stated.get(line.subscription_id, ())
            return
        for one in self._running.get((line.billing_customer_id, line.plan_id or 0), ()):
            if one.start_date <= line.service.start < (one.end_date or dt.date.max):
                yield from self._stated[one.pk]


def _as_it_was(price: str, interval: str, count: str | None, seats: str) -> _Stated:
    """Read a row kept before an import; one kept when there were no counts has none."""
    one = Subscription(interval=interval, interval_count=int(count or 1))
    return _Stated(Decimal(price), cycle_of(one), int(seats))


def is_whole(service: Period, cycle: Cycle) -> bool:
    """Whether a service is one interval, from either end: 28 February to 31 March is a month."""
    if not cycle.months:
        return service.days == cycle.days
    ahead = add_months(service.start, cycle.months) == service.end
    return ahead or add_months(service.end, -cycle.months) == service.start
