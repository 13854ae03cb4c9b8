"""Usage since a customer's last usage line, accrued day by day: an estimate."""

import datetime as dt
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from fractions import Fraction

from django.db.models import Q

from billing.models import InvoiceLine, RecognitionPolicy
from billing.revenue.contracts import subscriptions
from billing.revenue.metered.usage import Days, Usage, rounded, unit_price
from billing.revenue.policies import Policies
from billing.revenue.rules import ACCRUED, COUNTING, ESTIMATE, Stream, on_day
from tknops.calendar import Period

_ACCRUAL = RecognitionPolicy.Accrual


@dataclass(slots=True)
class _Metered:
    """A customer on an accruing plan: from when on its usage is not billed, at which rate."""

    billing_customer_id: int
    customer_id: int
    plan: str
    plan_id: int
    spans: list[Period]
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


def accrued(whole: Period, policies: Policies, usage: Usage | None) -> Iterator[Stream]:
    """Estimate what usage since each customer's last usage line will bring, day by day."""
    if not usage or not policies.accruing:
        return
    some = list(_metered(whole, policies.accruing))
    if not some:
        return
    days = Period(min(one.asked for one in some), whole.end)
    used = usage({one.customer_id for one in some}, days) if days.days > 0 else {}
    for one in some:
        theirs = used.get(one.customer_id)
        if theirs:
            plan_days = theirs.of(one.plan, policies.followers)
            yield from _estimated(one, plan_days, whole, policies)


def _estimated(one: _Metered, used: Days, whole: Period, policies: Policies) -> Iterator[Stream]:
    total, before = Fraction(0), 0
    for day in sorted(day for day in used if one.since <= day < whole.end):
        policy = policies.on(one.plan_id, day)
        inside = not one.spans or any(span.start <= day < span.end for span in one.spans)
        if not inside or policy is None or policy.accrual == _ACCRUAL.OFF:
            continue
        currency = policy.currency if policy.accrual == _ACCRUAL.UNIT_PRICE else one.currency
        rate = _rate(one, policy, used)
        if rate is None:
            continue
        total += rate * used[day].of(policy.measure)
        now = rounded(total)
        if now != before:
            yield Stream(
                one.billing_customer_id, one.customer_id, one.plan, currency, now - before,
                on_day(day), ESTIMATE, None, None, None, basis=ACCRUED,
            )  # fmt: skip
        before = now


def _rate(one: _Metered, policy: RecognitionPolicy, used: Days) -> Fraction | None:
    """Return what a counted unit brings; None where no billed usage says it."""
    if policy.accrual == _ACCRUAL.UNIT_PRICE:
        return unit_price(policy, policy.currency)
    if one.last is None or one.billed <= 0:
        return None
    inside = (n.of(policy.measure) for day, n in used.items() if _in(day, one.last))
    quantity = sum(inside)
    return Fraction(one.billed, quantity) if quantity else None


def _in(day: dt.date, days: Period) -> bool:
    return days.start <= day < days.end


def _metered(whole: Period, plans: Collection[int]) -> Iterator[_Metered]:
    """List the customers of accruing plans: by their subscriptions, else by their usage lines."""
    found: dict[tuple[int, int], _Metered] = {}
    for sub in subscriptions(whole):
        customer = sub.billing_customer.customer_id
        if sub.plan_id in plans and customer is not None:
            key = (sub.billing_customer_id, sub.plan_id)
            one = found.setdefault(key, _Metered(key[0], customer, sub.plan.code, key[1], []))
            one.spans.append(Period(sub.start_date, sub.end_date or dt.date.max))
    lines = InvoiceLine.objects.filter(
        Q(plan_id__in=plans) | Q(plan=None, subscription__plan_id__in=plans),
        kind=InvoiceLine.Kind.USAGE,
        invoice__status__in=COUNTING,
    ).select_related("invoice__billing_customer", "plan", "subscription__plan")
    for line in lines.order_by("service_end", "pk"):
        plan = line.plan or (line.subscription and line.subscription.plan)
        billed = line.invoice.billing_customer
        if not plan or billed.customer_id is None:
            continue
        key = (billed.pk, plan.pk)
        one = found.setdefault(key, _Metered(billed.pk, billed.customer_id, plan.code, plan.pk, []))
        _bill(one, line)
    yield from found.values()


def _bill(one: _Metered, line: InvoiceLine) -> None:
    """Note the newest usage line, and others that end with it."""
    start = line.service_start
    if one.last and one.last.end == line.service_end:
        start = min(start, one.last.start)
        one.billed += line.amount_minor
    else:
        one.billed = line.amount_minor
    one.last = Period(start, line.service_end)
    one.currency = line.invoice.currency
