"""Straight-line recognition by cumulative difference, in integer minor units."""

import datetime as dt

from billing.revenue.cycles import Cycle
from tknops.calendar import Period, add_months, month_start
from tknops.money import cumulative_share


def recognised(amount_minor: int, service: Period, bucket: Period) -> int:
    """Return the part of an amount recognised in a bucket of days.

    R(k) = round(A·k/n) after k of n calendar days; a bucket from day i to j gets R(j) − R(i), so
    any split of the service period sums to the amount, negatives included.
    """
    start = max(bucket.start, service.start)
    end = min(bucket.end, service.end)
    if start >= end:
        return 0
    before, after = (start - service.start).days, (end - service.start).days
    days = service.days
    return cumulative_share(amount_minor, after, days) - cumulative_share(
        amount_minor, before, days
    )


def contracted(amount_minor: int, *, cycle: Cycle, anchor: dt.date, bucket: Period) -> int:
    """Return the part of a recurring price that falls on a bucket of days from the anchor on.

    It is spread over each of its terms, so that the days of one whole term sum to the price: terms
    of months are counted from the start of the anchor's month, those of days from the anchor.
    """
    if not cycle.months:  # R(k) goes on beyond one term: each adds the price
        before, after = (bucket.start - anchor).days, (bucket.end - anchor).days
        reached = cumulative_share(amount_minor, after, cycle.days)
        return reached - cumulative_share(amount_minor, before, cycle.days)
    total = 0
    term = _term_of(bucket.start, cycle.months, month_start(anchor))
    while term.start < bucket.end:
        total += recognised(amount_minor, term, bucket)
        term = Period(term.end, add_months(term.end, cycle.months))
    return total


def _term_of(day: dt.date, months: int, anchor: dt.date) -> Period:
    passed = (day.year - anchor.year) * 12 + day.month - anchor.month
    start = add_months(anchor, passed // months * months)
    return Period(start, add_months(start, months))
