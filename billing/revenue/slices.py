"""Revenue of any buckets of days, per customer, plan, currency and basis."""

import datetime as dt
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from billing.models import Invoice, InvoiceLine, Subscription
from billing.revenue.recognition import contracted, recognised
from billing.revenue.spans import uncovered
from tknops.calendar import Period
from tknops.money import minor_digits, round_half_up

INVOICED, CONTRACTED = "invoiced", "contracted"
COUNTING = (Invoice.Status.OPEN, Invoice.Status.PAID)
MONTHS = {"MONTH": 1, "YEAR": 12}


@dataclass(frozen=True, slots=True)
class RevenueSlice:
    """What is recognised of a customer and plan in a bucket, in minor units of the currency."""

    bucket: Period
    billing_customer_id: int
    customer_id: int | None
    plan: str | None
    currency: str
    amount_minor: int
    basis: str


class _Line(NamedTuple):
    billing_customer_id: int
    customer_id: int | None
    plan: str | None
    subscription_id: int | None
    currency: str
    amount_minor: int
    service: Period
    kind: str


def revenue_slices(
    buckets: Sequence[Period], own: Mapping[int, Sequence[Period]] | None = None
) -> list[RevenueSlice]:
    """Recognise revenue in each bucket; splitting a bucket splits its slices exactly.

    `own`: finer buckets of the same days for some customers, by their id.
    Draft, void and uncollectible invoices do not count. A subscription's contracted price counts
    on the days none of its invoice lines covers, never beside one.
    """
    buckets = _in_order(buckets)
    if not buckets:
        return []
    finer = {customer: _in_order(some) for customer, some in (own or {}).items()}
    whole = Period(min(b.start for b in buckets), max(b.end for b in buckets))
    lines = list(_lines(whole))
    found = [
        RevenueSlice(bucket, line.billing_customer_id, line.customer_id, line.plan,
                     line.currency, amount, INVOICED)
        for line in lines
        for bucket in _touching(finer.get(line.customer_id or 0, buckets), line.service)
        if (amount := recognised(line.amount_minor, line.service, bucket))
    ]  # fmt: skip
    return [*found, *_contracted(buckets, finer, whole, lines)]


def _in_order(buckets: Sequence[Period]) -> list[Period]:
    return sorted((b for b in buckets if b.days > 0), key=lambda b: (b.start, b.end))


def _touching(buckets: Sequence[Period], days: Period) -> Sequence[Period]:
    """Leave out the buckets, in order of their start, that lie before or after the days."""
    if days.days <= 0:
        return ()
    longest = max(bucket.days for bucket in buckets)
    first = bisect_left(
        buckets, days.start - dt.timedelta(longest), key=lambda bucket: bucket.start
    )
    last = bisect_left(buckets, days.end, key=lambda bucket: bucket.start)
    return buckets[first:last]


def _lines(whole: Period) -> Iterator[_Line]:
    """Fetch the lines whose service touches the days. Uses index: billing_line_service."""
    rows = InvoiceLine.objects.filter(
        service_start__lt=whole.end, service_end__gt=whole.start, invoice__status__in=COUNTING
    ).values_list(
        "invoice__billing_customer_id",
        "invoice__billing_customer__customer_id",
        "plan__code",
        "subscription__plan__code",
        "subscription_id",
        "invoice__currency",
        "amount_minor",
        "service_start",
        "service_end",
        "kind",
    )
    for billed, customer, plan, sub_plan, sub, currency, amount, start, end, kind in rows:
        service = Period(start, end)
        yield _Line(billed, customer, plan or sub_plan, sub, currency, amount, service, kind)


def _contracted(
    buckets: Sequence[Period],
    finer: Mapping[int, Sequence[Period]],
    whole: Period,
    lines: list[_Line],
) -> Iterator[RevenueSlice]:
    covered: dict[Any, list[Period]] = defaultdict(list)
    for line in lines:
        if line.kind == "RECURRING":  # a credit note takes from a bill, it is none itself
            key = line.subscription_id or (line.billing_customer_id, line.plan)
            covered[key].append(line.service)
    for subscription in subscriptions(whole):
        billed = subscription.billing_customer_id
        # A line that names neither subscription nor plan may be for any of the customer's.
        spans = [
            *covered[subscription.pk],
            *covered[(billed, subscription.plan.code)],
            *covered[(billed, None)],
        ]
        days = _paying_days(subscription, whole)
        digits = minor_digits(subscription.currency)
        minor = int(round_half_up(subscription.price, digits).scaleb(digits))
        customer = subscription.billing_customer.customer_id
        for bucket in _touching(finer.get(customer or 0, buckets), days):
            amount = sum(
                contracted(
                    minor,
                    months=MONTHS[subscription.interval],
                    anchor=subscription.start_date,
                    bucket=Period(max(free.start, bucket.start), min(free.end, bucket.end)),
                )
                for free in uncovered(days, spans)
                if free.start < bucket.end and bucket.start < free.end
            )
            if amount:
                yield RevenueSlice(
                    bucket, subscription.billing_customer_id, customer,
                    subscription.plan.code, subscription.currency, amount, CONTRACTED,
                )  # fmt: skip


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
