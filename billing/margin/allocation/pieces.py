"""A pool's cost cut where another rule is in force: per month and rule an amount to share out."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from billing.margin.allocation.book import Entry
from billing.margin.allocation.measured import Measured
from billing.measures import UNATTRIBUTED
from billing.models import AllocationRule, CostPool, CostPoolAmount
from billing.revenue.recognition import recognised
from billing.revenue.spans import uncovered
from tknops.calendar import Period
from tknops.money import minor_digits, round_half_up

Filters = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Piece:
    """What a pool costs on those days of a month on which one rule is in force, or none.

    `days` are the days of the rule, over which its driver is measured; `window` those of them the
    amounts cover, over which the cost is spread. `taken_from` is the filter of usage whose cost
    this is, so that it is taken off where it stood.
    """

    pool: CostPool
    month: Period
    days: Period
    window: Period
    rule: AllocationRule | None
    amount_minor: int
    currency: str
    taken_from: Filters | None = None


def pieces(entries: Sequence[Entry], months: Period, measured: Measured) -> Iterator[Piece]:
    """Cut every pool's cost of whole months; the pieces of a month sum to its amount."""
    for entry in entries:
        for month in months.months():
            for rule, days in _in_force(entry.rules, month):
                yield from _billed(entry, month, rule, days)
                yield from _from_usage(entry, month, rule, days, measured)


def _in_force(
    rules: Sequence[AllocationRule], month: Period
) -> list[tuple[AllocationRule | None, Period]]:
    found: list[tuple[AllocationRule | None, Period]] = []
    for rule in rules:
        days = _common(month, rule.valid_from or dt.date.min, rule.valid_to)
        if days.days > 0:
            found.append((rule, days))
    gaps = uncovered(month, [days for _, days in found])
    return sorted([*found, *((None, gap) for gap in gaps)], key=lambda one: one[1].start)


def _billed(
    entry: Entry, month: Period, rule: AllocationRule | None, days: Period
) -> Iterator[Piece]:
    lines = [
        (amount.amount_minor, Period(amount.service_start, amount.service_end))
        for amount in entry.amounts
        if amount.amount_minor is not None
        and amount.service_end is not None
        and _common(days, amount.service_start, amount.service_end).days > 0
    ]
    total = sum(recognised(minor, service, days) for minor, service in lines)
    if total:
        window = Period(
            max(days.start, min(service.start for _, service in lines)),
            min(days.end, max(service.end for _, service in lines)),
        )
        yield Piece(entry.pool, month, days, window, rule, total, entry.pool.currency)


def _from_usage(
    entry: Entry, month: Period, rule: AllocationRule | None, days: Period, measured: Measured
) -> Iterator[Piece]:
    """Take the cost without a customer that passes an amount's filter, rounded to minor units."""
    for amount in entry.amounts:
        window = _common(days, amount.service_start, amount.service_end)
        if amount.source != CostPoolAmount.Source.USAGE or window.days <= 0:
            continue
        filters = {**amount.usage_filter, "customer": [UNATTRIBUTED]}
        digits = minor_digits(measured.currency)
        minor = int(round_half_up(measured.cost(filters, window), digits).scaleb(digits))
        if minor:
            yield Piece(entry.pool, month, days, window, rule, minor, measured.currency, filters)


def _common(days: Period, start: dt.date, end: dt.date | None) -> Period:
    return Period(max(days.start, start), min(days.end, end or dt.date.max))
