"""On which terms a customer is on a day: it pays, it tries, or its plan is free."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from billing.models import Subscription
from billing.revenue.contracts import subscriptions
from billing.revenue.plans import billed_days
from billing.revenue.spans import uncovered
from tknops.calendar import Period

PAID, TRIAL, FREE = "paid", "trial", "free"


@dataclass(frozen=True, slots=True)
class TermInterval:
    """A customer on these terms in [start, end)."""

    customer_id: int
    terms: str
    start: dt.date
    end: dt.date


def term_intervals(period: Period) -> list[TermInterval]:
    """List the terms of each customer's days with a plan, one per day.

    Who pays for any plan that day pays; else a trial goes before a plan of price 0.
    """
    found: dict[int, dict[str, list[Period]]] = defaultdict(lambda: defaultdict(list))
    for customer, days in billed_days(period):
        found[customer][PAID].append(days)
    for one in subscriptions(period):
        if (customer_id := one.billing_customer.customer_id) is not None:
            for terms, days in _stretches(one, period):
                found[customer_id][terms].append(days)
    return [
        TermInterval(customer, terms, days.start, days.end)
        for customer, spans in found.items()
        for terms, days in _one_per_day(spans, period)
    ]


def plan_terms(
    parts: Sequence[Period],
) -> dict[Period, dict[tuple[str, str], frozenset[str]]]:
    """Return for each period the terms of subscriptions by plan and customer, on any of its days.

    A trial of one plan beside another that is paid is a trial of that plan.
    """
    whole = Period(min(part.start for part in parts), max(part.end for part in parts))
    running = [
        (one, (one.plan.code, one.billing_customer.customer.external_id))
        for one in subscriptions(whole, names=True)
        if one.billing_customer.customer
    ]
    found = {}
    for part in parts:
        terms: dict[tuple[str, str], set[str]] = defaultdict(set)
        for one, key in running:
            terms[key].update(name for name, days in _stretches(one, part) if days.days > 0)
        found[part] = {key: frozenset(names) for key, names in terms.items() if names}
    return found


def _stretches(one: Subscription, period: Period) -> Iterator[tuple[str, Period]]:
    """Cut a subscription's days within a period into its trial and what follows."""
    tried = one.trial_end_date or one.start_date
    end = one.end_date or dt.date.max
    yield TRIAL, _within(one.start_date, min(tried, end), period)
    yield PAID if one.price > 0 else FREE, _within(max(tried, one.start_date), end, period)


def _one_per_day(spans: dict[str, list[Period]], period: Period) -> list[tuple[str, Period]]:
    taken: list[Period] = []
    rows = []
    for terms in (PAID, TRIAL, FREE):
        mine = [span for span in spans[terms] if span.days > 0]
        without = uncovered(period, mine)
        rows += [(terms, days) for days in uncovered(period, [*without, *taken])]
        taken += mine
    return rows


def _within(start: dt.date, end: dt.date, period: Period) -> Period:
    return Period(max(start, period.start), min(end, period.end))
