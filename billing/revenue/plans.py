"""Who is on which plan when, with the daily contracted revenue as weight."""

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass

from billing.models import Subscription
from billing.revenue.slices import MONTHS, subscriptions
from billing.revenue.spans import cut
from tknops.calendar import Period

_YEAR = 12


@dataclass(frozen=True, slots=True)
class PlanInterval:
    """A customer on a plan in [start, end); `weight` compares plans of the same days."""

    customer_id: int
    plan: str
    start: dt.date
    end: dt.date
    weight: int


def plan_intervals(period: Period) -> list[PlanInterval]:
    """List plan days, cut so that all plans of one day share one interval.

    Weights are contracted revenue per year in ten-thousandths; 1 each where all are free.
    """
    by_customer: dict[int, list[Subscription]] = defaultdict(list)
    for subscription in subscriptions(period):
        if (customer := subscription.billing_customer.customer_id) is not None:
            by_customer[customer].append(subscription)
    return [
        interval
        for customer, together in by_customer.items()
        for interval in _intervals(customer, together, period)
    ]


def _intervals(customer: int, together: list[Subscription], period: Period) -> list[PlanInterval]:
    spans = {subscription.pk: _days(subscription, period) for subscription in together}
    edges = {edge for span in spans.values() for edge in (span.start, span.end)}
    weights: dict[Period, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for subscription in together:
        for piece in cut([spans[subscription.pk]], edges):
            yearly = subscription.price * 10_000 * _YEAR / MONTHS[subscription.interval]
            weights[piece][subscription.plan.code] += int(yearly)
    return [
        PlanInterval(customer, plan, piece.start, piece.end, weight if any(plans.values()) else 1)
        for piece, plans in weights.items()
        if piece.days > 0
        for plan, weight in plans.items()
    ]


def _days(subscription: Subscription, period: Period) -> Period:
    end = min(subscription.end_date or dt.date.max, period.end)
    return Period(max(subscription.start_date, period.start), end)
