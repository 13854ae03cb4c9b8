"""Which records prove how many seats a recurring line pays for, at what price."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

from django.db.models.fields.json import KT

from billing.models import PlanPrice, ReplacedRow, Subscription
from billing.revenue.contracts import subscriptions
from billing.revenue.cycles import Cycle, cycle_of
from billing.revenue.policies import in_force
from billing.revenue.rules import Billed
from tknops.calendar import Period, add_months
from tknops.money import minor_digits, round_half_up

_STATE = ("plan_id", "price", "interval", "interval_count", "quantity")


class Proof(NamedTuple):
    """What a line pays for: seats of a plan, so long."""

    plan_id: int
    cycle: Cycle
    seats: int


class _Stated(NamedTuple):
    """What a subscription was of, at what price: as stored, or before an import changed it."""

    price: Decimal
    what: Proof


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
            self._stated[one.pk] = [_stated(one)]
        replaced = ReplacedRow.objects.filter(table="billing_subscription").order_by("pk")
        # As text: money read as a JSON number would be a float.
        for pk, *was in replaced.values_list("row_id", *(KT(f"before__{name}") for name in _STATE)):
            if pk in self._stated:
                self._stated[pk].append(_as_it_was(*was))
        for price in PlanPrice.objects.filter(price__gt=0).order_by("pk"):
            self._listed[price.plan_id].setdefault(cycle_of(price), []).append(price)

    def of(self, line: Billed) -> Proof | None:
        """Return what a line pays for; None where nothing proves it."""
        if line.method or line.amount_minor <= 0:
            return None
        stated = list(self._of_subscriptions(line))
        digits = minor_digits(line.currency)
        for price, what in stated:
            minor = round_half_up(price, digits).scaleb(digits)
            if minor == line.amount_minor and is_whole(line.service, what.cycle):
                return what
        known = {what for _, what in stated}
        plans = {what.plan_id for what in known} or {line.plan_id or 0}
        for listed in (one for plan in sorted(plans) for one in self._listed_for(line, plan)):
            seats = Fraction(line.amount_minor) / Fraction(listed.price.scaleb(digits))
            what = Proof(listed.plan_id, cycle_of(listed), int(seats))
            if seats.denominator == 1 and (not known or what in known):
                return what
        return None

    def _listed_for(self, line: Billed, plan: int) -> Iterator[PlanPrice]:
        """List the prices of a plan in force when a line's service begins, of its interval."""
        for cycle, prices in self._listed.get(plan, {}).items():
            listed = in_force(prices, line.service.start)
            if listed and listed.currency == line.currency and is_whole(line.service, cycle):
                yield listed

    def _of_subscriptions(self, line: Billed) -> Iterator[_Stated]:
        """List what is stored of the subscription it names, or of those it may be for."""
        if line.subscription_id:
            yield from self._stated.get(line.subscription_id, ())
            return
        for one in self._running.get((line.billing_customer_id, line.plan_id or 0), ()):
            if one.start_date <= line.service.start < (one.end_date or dt.date.max):
                yield from self._stated[one.pk]


def _stated(one: Subscription) -> _Stated:
    return _Stated(one.price, Proof(one.plan_id, cycle_of(one), one.quantity))


def _as_it_was(plan: str, price: str, interval: str, count: str | None, seats: str) -> _Stated:
    """Read a row kept before an import; one kept when there were no counts has none."""
    return _stated(
        Subscription(
            plan_id=int(plan),
            price=Decimal(price),
            interval=interval,
            interval_count=int(count or 1),
            quantity=int(seats),
        )
    )


@lru_cache(maxsize=4096)
def is_whole(service: Period, cycle: Cycle) -> bool:
    """Whether a service is one interval, from either end: 28 February to 31 March is a month."""
    if not cycle.months:
        return service.days == cycle.days
    ahead = add_months(service.start, cycle.months) == service.end
    return ahead or add_months(service.end, -cycle.months) == service.start
