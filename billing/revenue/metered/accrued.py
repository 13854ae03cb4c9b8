"""Usage since a customer's last usage line, accrued day by day: an estimate."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction

from billing.models import RecognitionPolicy
from billing.revenue.metered.claims import Claim, Metered, holder, metered
from billing.revenue.metered.usage import Days, Usage, UsedBy, rounded, unit_price
from billing.revenue.policies import Policies
from billing.revenue.rules import ACCRUED, ESTIMATE, Stream, on_day
from tknops.calendar import Period

_ACCRUAL = RecognitionPolicy.Accrual
_Rivals = dict[int, list[Metered]]


def accrued(whole: Period, policies: Policies, usage: Usage | None) -> Iterator[Stream]:
    """Estimate what usage since each customer's last usage line will bring, day by day.

    Of plans that count the same usage at a unit price one accrues it: `claims.holder` says which.
    """
    rivals, used = _read(whole, policies, usage)
    for some in rivals.values():
        for one in some:
            theirs = used.get(one.customer_id)
            if theirs and one.runs_in(whole):
                yield from _estimated(one, some, theirs, whole, policies)


def passed_over(
    whole: Period, policies: Policies, usage: Usage, customer: int
) -> list[tuple[Claim, Claim]]:
    """List a customer's plans that accrue no usage of some days, each with the one that does."""
    rivals, used = _read(whole, policies, usage, only=customer)
    some, theirs = rivals.get(customer, []), used.get(customer)
    found: dict[tuple[str, str], tuple[Claim, Claim]] = {}
    if theirs is None or len(some) == 1:
        return []
    for day in sorted(_days(theirs, whole)):
        claims = [one.claim(day, theirs, policies) for one in some]
        for mine in filter(None, claims):
            first = holder(mine, claims)
            if first != mine:
                found.setdefault((mine.plan, first.plan), (mine, first))
    return list(found.values())


def _read(
    whole: Period, policies: Policies, usage: Usage | None, only: int | None = None
) -> tuple[_Rivals, Mapping[int, UsedBy]]:
    """Read who is on accruing plans, by customer, and what they used since it is not billed."""
    rivals: _Rivals = defaultdict(list)
    if usage and policies.accruing:
        for one in metered(whole, policies.accruing):
            if only is None or one.customer_id == only:
                rivals[one.customer_id].append(one)
    running = [one for some in rivals.values() for one in some if one.runs_in(whole)]
    first = min((one.asked for one in running), default=whole.end)
    if not usage or first >= whole.end:
        return {}, {}
    return rivals, usage({one.customer_id for one in running}, Period(first, whole.end))


def _days(used: UsedBy, whole: Period) -> set[dt.date]:
    days = {day for some in used.by_plan.values() for day in some}
    return {day for day in days if whole.start <= day < whole.end}


def _estimated(
    one: Metered, rivals: Sequence[Metered], theirs: UsedBy, whole: Period, policies: Policies
) -> Iterator[Stream]:
    used = theirs.of(one.plan, policies.followers)
    total, before = Fraction(0), 0
    for day in sorted(day for day in used if one.since <= day < whole.end):
        policy = policies.on(one.plan_id, day)
        if one.begun(day) is None or policy is None or policy.accrual == _ACCRUAL.OFF:
            continue
        currency = policy.currency if policy.accrual == _ACCRUAL.UNIT_PRICE else one.currency
        rate = _rate(one, policy, used)
        if rate is None or not _accrues(one, rivals, day, theirs, policies):
            continue
        total += rate * used[day].of(policy.measure)
        now = rounded(total)
        if now != before:
            yield Stream(
                one.billing_customer_id, one.customer_id, one.plan, currency, now - before,
                on_day(day), ESTIMATE, None, None, None, basis=ACCRUED,
            )  # fmt: skip
        before = now


def _accrues(
    one: Metered, rivals: Sequence[Metered], day: dt.date, used: UsedBy, policies: Policies
) -> bool:
    """Tell whether a day's usage is a plan's; at the rate of its own bills it always is."""
    mine = one.claim(day, used, policies) if len(rivals) > 1 else None
    if mine is None:
        return True
    return holder(mine, (rival.claim(day, used, policies) for rival in rivals)) == mine


def _rate(one: Metered, policy: RecognitionPolicy, used: Days) -> Fraction | None:
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
