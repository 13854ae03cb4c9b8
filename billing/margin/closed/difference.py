"""What today's meaning would change in closed months: today's figures less the frozen ones."""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import TypeVar

from billing.margin.allocation import Allocated, allocated
from billing.margin.closed.answer import Answer, grouped
from billing.margin.closed.bearing import bearing
from billing.margin.closed.books import Books
from billing.margin.closed.changed import known
from billing.margin.closed.corrected import CorrectedCost
from billing.margin.closed.fixed import Key
from billing.margin.closed.frozen import Frozen
from billing.margin.cost import CostRow
from billing.margin.income import Income, income
from billing.margin.query import Question
from billing.margin.segments import segment_costs
from billing.margin.worth import by_key_and_code
from billing.measures import dimension
from tknops.calendar import Period
from usage.models import CostClass
from usage.revisions import Revisions

# Finds the cube's files of some days.
Files = Callable[[Period], Sequence[str]]
CLASS = "cost_class"
_CLASSES = len(CostClass)
_NOTHING = Decimal(0)
_Of = TypeVar("_Of", bound=Hashable)


def difference(
    question: Question,
    held: Books,
    days: Period,
    files: Files,
    currency: str,
    revisions: Revisions,
) -> Answer:
    """Answer a question about closed days with differences; its grains are of the usage's days."""
    if held.closed is None:
        return Answer()
    found = known(question, held, revisions)
    return Answer(
        cost_difference(question, held, days, files, revisions),
        Income(applies=_applies(question, "has_revenue"))
        if found and not found.revenue
        else earned_difference(question, held, days, currency, revisions),
        Allocated(applies=_applies(question, "has_allocation"))
        if found and not found.allocation
        else shared_difference(question, held, days, currency, revisions),
    )


def earned_difference(
    question: Question, held: Books, days: Period, currency: str, revisions: Revisions
) -> Income:
    """Take the frozen revenue off today's."""
    frozen = Frozen(question, bearing(held, days), days, revisions, by_usage=True)
    now = income(question, days, currency, revisions)
    return _earned(now, frozen.earned(everything=True), days)


def shared_difference(
    question: Question, held: Books, days: Period, currency: str, revisions: Revisions
) -> Allocated:
    """Take the frozen shared cost off today's."""
    frozen = Frozen(question, bearing(held, days), days, revisions, by_usage=True)
    now = allocated(question, days, currency, revisions)
    return _shared(now, frozen.shared(everything=True), days)


def cost_difference(
    question: Question, held: Books, days: Period, files: Files, revisions: Revisions
) -> list[CostRow]:
    """Take the frozen usage and cost off today's; by cost class first, which tells what serves."""
    if held.closed is None:
        return []
    if seen := known(question, held, revisions):
        found_on = [day for day in seen.days if days.start <= day < days.end]
        if not found_on:
            return []
        days = Period(min(found_on), max(found_on) + dt.timedelta(1))
    by = (*question.by, *(() if CLASS in question.by else (CLASS,)))
    most = question.most_rows and _CLASSES * question.most_rows
    asked = replace(question, by=by, posted=held.closed, most_rows=most)
    at = by.index(CLASS)
    now = {row.key: row for row in segment_costs(asked, days, files(days), revisions)}
    of_these = replace(question, by=by)
    frozen = Frozen(of_these, bearing(held, days), days, revisions, by_usage=True)
    was: dict[Key, list[CostRow]] = defaultdict(list)
    for found in frozen.costs():
        was[found.key].append(found.row)
    width = len(question.by)
    rows = (
        _less_cost(now.get(key), was.get(key, ()), key[:width], key[at])
        for key in dict.fromkeys((*now, *was))
    )
    return grouped(row for row in rows if row)


def _less_cost(
    now: CostRow | None, was: Sequence[CostRow], key: Key, cost_class: str
) -> CostRow | None:
    """Take frozen rows off today's; most are the same, which need not be summed to see."""
    if now and len(was) == 1 and _same(now, was[0]):
        return None
    sums = CorrectedCost()
    if now:
        sums.add(now, 1)
    for row in was:
        sums.add(row, -1)
    return sums.row(key, cost_class)


def _same(one: CostRow, other: CostRow) -> bool:
    """Whether nothing that is summed is another."""
    return (
        one.events == other.events
        and one.cost == other.cost
        and one.tokens == other.tokens
        and one.unpriced == other.unpriced
        and one.stated_cost == other.stated_cost
        and one.unpriced_events == other.unpriced_events
        and one.unconverted == other.unconverted
    )


def _applies(question: Question, has: str) -> bool:
    return all(getattr(dimension(name), has) for name in question.filters)


def _earned(now: Income, frozen: Income, days: Period) -> Income:
    found = Income(applies=now.applies)
    for (key, basis), amount in _less(now.by_basis, frozen.by_basis).items():
        found.add(key, basis, amount)
    for key, rates in now.rates.items():
        if key in found.by_key:
            found.rates[key] |= rates
    for (key, code), amount in _waiting(now, frozen).items():
        found.leave(key, code, days.start, amount)
    return found


def _shared(now: Allocated, frozen: Allocated, days: Period) -> Allocated:
    found = Allocated(applies=now.applies, by_key=_less(now.by_key, frozen.by_key))
    for key, rates in now.rates.items():
        if key in found.by_key:
            found.rates[key] |= rates
    for (key, code), amount in _waiting(now, frozen).items():
        found.leave(key, code, days.start, amount)
    return found


def _waiting(now: Income | Allocated, frozen: Income | Allocated) -> dict[tuple[Key, str], Decimal]:
    """Take off what waited for rates; on which day is no difference."""
    return _less(by_key_and_code(now.elsewhere), by_key_and_code(frozen.elsewhere))


def _less(now: Mapping[_Of, Decimal], frozen: Mapping[_Of, Decimal]) -> dict[_Of, Decimal]:
    """Take one off the other, key by key; where nothing is left there is no key."""
    found = {one: now.get(one, _NOTHING) - frozen.get(one, _NOTHING) for one in now.keys() | frozen}
    return {one: amount for one, amount in found.items() if amount}
