"""On which terms a customer is on a day: it pays, it tries, or its plan is free."""

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass

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
            tried = one.trial_end_date or one.start_date
            end = one.end_date or dt.date.max
            found[customer_id][TRIAL].append(_within(one.start_date, min(tried, end), period))
            terms = PAID if one.price > 0 else FREE
            found[customer_id][terms].append(_within(max(tried, one.start_date), end, period))
    return [
        TermInterval(customer, terms, days.start, days.end)
        for customer, spans in found.items()
        for terms, days in _one_per_day(spans, period)
    ]


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
