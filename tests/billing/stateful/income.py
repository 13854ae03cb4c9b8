"""Revenue and plans of one day, in plain Python."""

import datetime as dt
from fractions import Fraction
from functools import cache

WHOLE = 10**9


def rounded(amount):
    """Round half away from zero."""
    return int(abs(amount) + Fraction(1, 2)) * (-1 if amount < 0 else 1)


@cache
def of_day(minor, start, end, day):
    """Spread an amount over days so that the first k hold round(amount · k / days)."""
    days, before = (end - start).days, (day - start).days
    return rounded(Fraction(minor * (before + 1), days)) - rounded(Fraction(minor * before, days))


def share_of_line(bill, day):
    return of_day(bill.minor, bill.start, bill.end, day)


def contract_of_day(stay, day):
    """Spread each term's price over its days; terms are counted from the first month."""
    if not max(stay.start, stay.trial_end or stay.start) <= day < (stay.end or dt.date.max):
        return 0
    months = (day.year - stay.start.year) * 12 + day.month - stay.start.month
    first = stay.start.year * 12 + stay.start.month - 1 + months // stay.months * stay.months
    start, end = (dt.date(n // 12, n % 12 + 1, 1) for n in (first, first + stay.months))
    return of_day(rounded(Fraction(stay.price) * 100), start, end, day)


def shares(stays, customer, day):
    """Cut the whole over a customer's plans by yearly price: (plan, from, to), in order of name."""
    weights = {}
    for stay in stays:
        if stay.customer == customer and stay.start <= day < (stay.end or dt.date.max):
            yearly = int(Fraction(stay.price) * 10_000 * 12 / stay.months)
            weights[stay.plan] = weights.get(stay.plan, 0) + yearly
    if not any(weights.values()):
        weights = dict.fromkeys(weights, 1)
    total = sum(weights.values())
    plans = sorted(weights)
    parts = [WHOLE * weights[plan] // total for plan in plans]
    remainders = [WHOLE * weights[plan] % total for plan in plans]
    for index in sorted(range(len(plans)), key=lambda i: (-remainders[i], i))[: WHOLE - sum(parts)]:
        parts[index] += 1
    return [(plan, sum(parts[:i]), sum(parts[: i + 1])) for i, plan in enumerate(plans)]


def part(count, begin, end):
    """Return the integer part of a count that lies from one share to another."""
    return count * end // WHOLE - count * begin // WHOLE
