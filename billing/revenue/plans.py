"""Who is on which plan when, with the contracted or billed revenue as weight."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

from django.conf import settings

from billing.models import InvoiceLine
from billing.rates import Into
from billing.revenue.contracts import subscriptions
from billing.revenue.cycles import YEAR_DAYS, cycle_of
from billing.revenue.rules import COUNTING
from billing.revenue.spans import cut, uncovered
from tknops.calendar import Period
from tknops.money import minor_digits

# Weights are revenue per year in ten-thousandths of the currency.
_FINE = 10_000


@dataclass(frozen=True, slots=True)
class PlanInterval:
    """A customer on a plan in [start, end); `weight` compares plans of the same days."""

    customer_id: int
    plan: str
    start: dt.date
    end: dt.date
    weight: int


@dataclass(frozen=True, slots=True)
class _Stay:
    plan: str
    days: Period
    weight: int
    currency: str


def plan_intervals(period: Period) -> list[PlanInterval]:
    """List plan days, cut so that all plans of one day share one interval.

    On days without any subscription a customer is on the plans its recurring invoice lines name:
    else their revenue had a plan and the cost of serving them none. Weights in several currencies
    are compared at each day's rates; they are 1 each where all are free or a rate is missing.
    """
    stays: dict[int, list[_Stay]] = defaultdict(list)
    for customer, stay in _subscribed(period):
        stays[customer].append(stay)
    taken = {customer: [stay.days for stay in some] for customer, some in stays.items()}
    for customer, stay in _billed(period):
        for days in uncovered(stay.days, taken.get(customer, ())):
            stays[customer].append(replace(stay, days=days))
    into = Into(settings.REPORTING_CURRENCY)
    return [
        interval
        for customer, some in stays.items()
        for interval in _intervals(customer, some, into)
    ]


def _subscribed(period: Period) -> Iterator[tuple[int, _Stay]]:
    for found in subscriptions(period):
        if (customer := found.billing_customer.customer_id) is not None:
            yearly = Fraction(found.price) * _FINE * cycle_of(found).per_year
            end = found.end_date or dt.date.max
            days = _within(found.start_date, end, period)
            yield customer, _Stay(found.plan.code, days, int(yearly), found.currency)


def _billed(period: Period) -> Iterator[tuple[int, _Stay]]:
    """Read the lines that name a plan and no subscription. Uses index: billing_line_service."""
    rows = InvoiceLine.objects.filter(
        kind=InvoiceLine.Kind.RECURRING,
        subscription=None,
        amount_minor__gt=0,
        service_start__lt=period.end,
        service_end__gt=period.start,
        invoice__status__in=COUNTING,
    ).exclude(plan=None)
    for customer, plan, currency, amount, start, end in rows.values_list(
        "invoice__billing_customer__customer_id", "plan__code", "invoice__currency",
        "amount_minor", "service_start", "service_end",
    ):  # fmt: skip
        if customer is not None:
            major = Decimal(amount).scaleb(-minor_digits(currency))
            yearly = major * _FINE * YEAR_DAYS // (end - start).days
            yield customer, _Stay(plan, _within(start, end, period), int(yearly), currency)


def billed_days(period: Period) -> Iterator[tuple[int, Period]]:
    """List the days customers are billed for a plan without a subscription."""
    for customer, stay in _billed(period):
        yield customer, stay.days


def _intervals(customer: int, together: list[_Stay], into: Into) -> Iterator[PlanInterval]:
    edges = {edge for stay in together for edge in (stay.days.start, stay.days.end)}
    codes = {stay.currency for stay in together}
    if len(codes) > 1:
        edges |= into.edges(codes, Period(min(edges), max(edges)))
    stays: dict[Period, list[_Stay]] = defaultdict(list)
    for stay in together:
        for piece in cut([stay.days], edges):
            if piece.days > 0:
                stays[piece].append(stay)
    for piece, some in stays.items():
        for plan, weight in _weights(some, piece.start, into).items():
            yield PlanInterval(customer, plan, piece.start, piece.end, weight)


def _weights(stays: list[_Stay], day: dt.date, into: Into) -> dict[str, int]:
    """Weigh plans of one day; in several currencies by its rates, evenly if one is missing."""
    weights: dict[str, int] = defaultdict(int)
    mixed = len({stay.currency for stay in stays}) > 1
    for stay in stays:
        worth = _worth(stay.currency, day, into) if mixed else Decimal(1)
        if worth is None:
            return dict.fromkeys((one.plan for one in stays), 1)
        weights[stay.plan] += int(stay.weight * worth)
    return weights if any(weights.values()) else dict.fromkeys(weights, 1)


def _worth(code: str, day: dt.date, into: Into) -> Decimal | None:
    if code == into.currency:
        return Decimal(1)
    rate = into.on(code, day)
    return rate.rate if rate else None


def _within(start: dt.date, end: dt.date, period: Period) -> Period:
    return Period(max(start, period.start), min(end, period.end))
