"""An invoice without lines over the subscriptions it covers: by list price and days, or evenly."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from decimal import Decimal

from billing.models import InvoiceLine, InvoiceSplit, PlanPrice, Subscription
from billing.revenue.contracts import subscriptions
from billing.revenue.cycles import Cycle, cycle_of
from billing.revenue.policies import Policies, in_force
from billing.revenue.rules import Billed
from tknops.calendar import Period
from tknops.money import allocate

# Weights are list prices per year in ten-thousandths of the currency, times days.
_FINE = 10_000
_METHODS = dict(InvoiceSplit.Method.choices)
_Prices = dict[tuple[int, Cycle, str], list[PlanPrice]]


def split(lines: Sequence[Billed], whole: Period, policies: Policies) -> Iterator[Billed]:
    """Replace each recurring line without plan and subscription by parts that sum to it.

    One of whose service no subscription of its customer runs stays as it is.
    """
    open_lines = [line for line in lines if _is_open(line)]
    if not open_lines:
        yield from lines
        return
    days = Period(
        min(whole.start, *(line.service.start for line in open_lines)),
        max(whole.end, *(line.service.end for line in open_lines)),
    )
    running: dict[int, list[Subscription]] = defaultdict(list)
    for one in subscriptions(days):
        running[one.billing_customer_id].append(one)
    prices: _Prices = defaultdict(list)
    for price in PlanPrice.objects.order_by("pk"):
        prices[price.plan_id, cycle_of(price), price.currency].append(price)
    for line in lines:
        method = policies.split_on(line.issued) if _is_open(line) else ""
        mine = running.get(line.billing_customer_id, ()) if method else ()
        covered = [one for one in mine if _overlap(one, line) > 0]
        if not covered:
            yield line
        else:
            yield from _parts(line, covered, method, prices)


def _is_open(line: Billed) -> bool:
    return (
        line.plan_id is None
        and line.subscription_id is None
        and line.kind == InvoiceLine.Kind.RECURRING
    )


def _parts(
    line: Billed,
    covered: Sequence[Subscription],
    method: str,
    prices: _Prices,
) -> Iterator[Billed]:
    weights = [1] * len(covered)
    if method == InvoiceSplit.Method.LIST_PRICE:
        weights = [_weight(one, line, prices) for one in covered]
    if not any(weights):
        weights = [1] * len(covered)
    amounts = allocate(line.amount_minor, weights)
    for one, amount in zip(covered, amounts, strict=True):
        yield line._replace(
            plan=one.plan.code,
            plan_id=one.plan_id,
            subscription_id=one.pk,
            amount_minor=amount,
            method=_METHODS[method],
        )


def _weight(one: Subscription, line: Billed, prices: _Prices) -> int:
    """Weigh a subscription by the list price of its seats, its own price where there is none."""
    cycle = cycle_of(one)
    listed = in_force(prices.get((one.plan_id, cycle, line.currency), ()), line.service.start)
    price: Decimal = listed.price * one.quantity if listed else one.price
    return int(int(price * _FINE) * cycle.per_year) * _overlap(one, line)


def _overlap(one: Subscription, line: Billed) -> int:
    """Count the days of the line's service the subscription runs on."""
    start = max(one.start_date, line.service.start)
    end = min(one.end_date, line.service.end) if one.end_date else line.service.end
    return (end - start).days
