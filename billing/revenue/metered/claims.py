"""Customers of accruing plans, and which of their plans accrues a day's usage: one per measure."""

import datetime as dt
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from django.db.models import Q

from billing.models import InvoiceLine, RecognitionPolicy, Subscription
from billing.revenue.metered.usage import UsedBy
from billing.revenue.policies import Policies
from billing.revenue.rules import COUNTING
from tknops.calendar import Period

_UNIT_PRICE = RecognitionPolicy.Accrual.UNIT_PRICE


class Claim(NamedTuple):
    """Which usage of a day a plan would count, and its place among those that would too."""

    usage: tuple[str, str]
    since: dt.date
    plan: str
    billing_customer_id: int

    @property
    def place(self) -> tuple[dt.date, str, int]:
        """The earliest subscription first, then by code of the plan."""
        return self.since, self.plan, self.billing_customer_id


@dataclass(slots=True)
class Metered:
    """A customer on an accruing plan: from when on its usage is not billed, at which rate."""

    billing_customer_id: int
    customer_id: int
    plan: str
    plan_id: int
    spans: list[Period]
    first: dt.date = dt.date.max
    last: Period | None = None
    billed: int = 0
    currency: str = ""

    @property
    def since(self) -> dt.date:
        """Return the first day no usage line bills."""
        return self.last.end if self.last else min(span.start for span in self.spans)

    @property
    def asked(self) -> dt.date:
        """Return the first day whose usage must be known."""
        return self.last.start if self.last else self.since

    def runs_in(self, whole: Period) -> bool:
        """Tell whether it may accrue on some of the days; without a subscription on any."""
        return not self.spans or any(
            span.start < whole.end and span.end > whole.start for span in self.spans
        )

    def begun(self, day: dt.date) -> dt.date | None:
        """Return since when it runs on a day; None if it does not."""
        if not self.spans:
            return self.first
        return min((s.start for s in self.spans if s.start <= day < s.end), default=None)

    def claim(self, day: dt.date, used: UsedBy, policies: Policies) -> Claim | None:
        """Return the usage it counts at a unit price on a day: its share, else all that is left."""
        policy, begun = policies.on(self.plan_id, day), self.begun(day)
        if begun is None or policy is None or policy.accrual != _UNIT_PRICE:
            return None
        whose = self.plan if used.has_share(self.plan, day) else ""
        return Claim((policy.measure, whose), begun, self.plan, self.billing_customer_id)


def holder(mine: Claim, rivals: Iterable[Claim | None]) -> Claim:
    """Return the claim that usage is accrued by: the first in place of those on the same usage."""
    same = (one for one in rivals if one is not None and one.usage == mine.usage)
    return min(same, key=lambda one: one.place, default=mine)


def metered(whole: Period, plans: Collection[int]) -> list[Metered]:
    """List the customers of accruing plans: by their subscriptions, else by their usage lines.

    Of all that began before the end of the days: who counted first is the same for any days.
    """
    found: dict[tuple[int, int], Metered] = {}
    for sub in _subscribed(whole, plans):
        key, customer = (sub.billing_customer_id, sub.plan_id), sub.billing_customer.customer_id
        one = found.setdefault(key, Metered(key[0], customer or 0, sub.plan.code, key[1], []))
        one.spans.append(Period(sub.start_date, sub.end_date or dt.date.max))
    for line in _usage_lines(plans):
        plan = line.plan or (line.subscription and line.subscription.plan)
        billed = line.invoice.billing_customer
        if not plan or billed.customer_id is None:
            continue
        key = (billed.pk, plan.pk)
        one = found.setdefault(key, Metered(billed.pk, billed.customer_id, plan.code, plan.pk, []))
        _bill(one, line)
    return list(found.values())


def _subscribed(whole: Period, plans: Collection[int]) -> Iterator[Subscription]:
    begun = Subscription.objects.filter(plan_id__in=plans, start_date__lt=whole.end)
    matched = begun.exclude(billing_customer__customer=None)
    yield from matched.select_related("billing_customer", "plan").order_by("pk")


def _usage_lines(plans: Collection[int]) -> Iterator[InvoiceLine]:
    lines = InvoiceLine.objects.filter(
        Q(plan_id__in=plans) | Q(plan=None, subscription__plan_id__in=plans),
        kind=InvoiceLine.Kind.USAGE,
        invoice__status__in=COUNTING,
    ).select_related("invoice__billing_customer", "plan", "subscription__plan")
    yield from lines.order_by("service_end", "pk")


def _bill(one: Metered, line: InvoiceLine) -> None:
    """Note the newest usage line, and others that end with it."""
    start = line.service_start
    if one.last and one.last.end == line.service_end:
        start = min(start, one.last.start)
        one.billed += line.amount_minor
    else:
        one.billed = line.amount_minor
    one.first = min(one.first, line.service_start)
    one.last = Period(start, line.service_end)
    one.currency = line.invoice.currency
