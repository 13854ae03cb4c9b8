"""Contracted revenue: a subscription's price on the days no recurring line covers."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from billing.models import Subscription
from billing.revenue.buckets import Buckets, Cut, RateChanges, cut_at
from billing.revenue.cycles import cycle_of
from billing.revenue.policies import Policies
from billing.revenue.recognition import contracted
from billing.revenue.rules import CONTRACT, CONTRACTED, Billed, Stream
from billing.revenue.spans import uncovered
from tknops.calendar import Period
from tknops.money import minor_digits, round_half_up


def contracted_cuts(
    buckets: Buckets,
    recurring: Iterable[Billed],
    policies: Policies,
    rate_changes: RateChanges | None = None,
) -> Iterator[Cut]:
    """Earn each subscription's price where nothing bills it, in each bucket."""
    for one, free_days in unbilled_days(buckets.whole, recurring, policies):
        yield from _of_subscription(one, free_days, buckets, rate_changes)


def unbilled_days(
    whole: Period, recurring: Iterable[Billed], policies: Policies
) -> Iterator[tuple[Subscription, list[Period]]]:
    """List the paying days of each subscription that nothing bills.

    An uncollectible line bills it too, and so does one of 0. A line that names neither
    subscription nor plan may be for any of its customer's.
    """
    covered: dict[Any, list[Period]] = defaultdict(list)
    for line in recurring:
        key = line.subscription_id or (line.billing_customer_id, line.plan)
        covered[key].append(line.service)
    for one in subscriptions(whole):
        billed = one.billing_customer_id
        spans = [
            *covered[one.pk],
            *covered[(billed, one.plan.code)],
            *covered[(billed, None)],
            *policies.pauses.get(one.pk, ()),
        ]
        yield one, uncovered(_paying_days(one, whole), spans)


def price_minor(one: Subscription) -> int:
    """Return what a subscription is charged at a time, in minor units."""
    digits = minor_digits(one.currency)
    return int(round_half_up(one.price, digits).scaleb(digits))


def _of_subscription(
    one: Subscription,
    free_days: Sequence[Period],
    buckets: Buckets,
    rate_changes: RateChanges | None,
) -> Iterator[Cut]:
    days = _paying_days(one, buckets.whole)
    minor = price_minor(one)
    customer = one.billing_customer.customer_id
    stream = Stream(
        one.billing_customer_id, customer, one.plan.code, one.currency, minor, days,
        CONTRACT, None, None, None, basis=CONTRACTED,
    )  # fmt: skip
    touching: Iterable[Period] = buckets.touching(days, customer)
    if rate_changes:
        touching = cut_at(touching, rate_changes(one.currency))
    for bucket in touching:
        amount = sum(
            contracted(
                minor,
                cycle=cycle_of(one),
                anchor=one.start_date,
                bucket=Period(max(free.start, bucket.start), min(free.end, bucket.end)),
            )
            for free in free_days
            if free.start < bucket.end and bucket.start < free.end
        )
        if amount:
            yield stream, bucket, amount


def subscriptions(whole: Period, *, names: bool = False) -> list[Subscription]:
    """Fetch the subscriptions that run on any of the days; `names`: with their customers."""
    running = Subscription.objects.filter(start_date__lt=whole.end).exclude(
        end_date__lte=whole.start
    )
    customer = "billing_customer__customer" if names else "billing_customer"
    return list(running.select_related(customer, "plan").order_by("pk"))


def _paying_days(subscription: Subscription, whole: Period) -> Period:
    start = max(subscription.start_date, subscription.trial_end_date or dt.date.min)
    return Period(max(start, whole.start), min(subscription.end_date or dt.date.max, whole.end))
