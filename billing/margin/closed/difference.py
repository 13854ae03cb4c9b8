"""What today's meaning would change in closed months: today's figures less the frozen ones."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import TypeVar

from billing.margin.allocation import Allocated, allocated
from billing.margin.closed.answer import Answer, grouped
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
    frozen = Frozen(question, _paths(held), days, revisions, by_usage=True)
    now = income(question, days, currency, revisions)
    return _earned(now, frozen.earned(everything=True), days)


def shared_difference(
    question: Question, held: Books, days: Period, currency: str, revisions: Revisions
) -> Allocated:
    """Take the frozen shared cost off today's."""
    frozen = Frozen(question, _paths(held), days, revisions, by_usage=True)
    now = allocated(question, days, currency, revisions)
    return _shared(now, frozen.shared(everything=True), days)


def cost_difference(
    question: Question, held: Books, days: Period, files: Files, revisions: Revisions
) -> list[CostRow]:
    """Take the frozen usage and cost off today's; by cost class first, which tells what serves."""
    if held.closed is None:
        return []
    seen = known(question, held, revisions)
    if seen and not any(days.start <= day < days.end for day in seen.days):
        return []
    by = (*question.by, *(() if CLASS in question.by else (CLASS,)))
    most = question.most_rows and _CLASSES * question.most_rows
    asked = replace(question, by=by, posted=held.closed, most_rows=most)
    at = by.index(CLASS)
    sums: dict[tuple[Key, str], CorrectedCost] = defaultdict(CorrectedCost)
    for row in segment_costs(asked, days, files(days), revisions):
        sums[row.key, row.key[at]].add(row, 1)
    frozen = Frozen(
        replace(question, by=by), held.paths(held.closed), days, revisions, by_usage=True
    )
    for found in frozen.costs():
        sums[found.key, found.key[at]].add(found.row, -1)
    width = len(question.by)
    rows = (one.row(key[:width], named) for (key, named), one in sums.items())
    return grouped(row for row in rows if row)


def _applies(question: Question, has: str) -> bool:
    return all(getattr(dimension(name), has) for name in question.filters)


def _paths(held: Books) -> tuple[str, ...]:
    """Name all closed files: corrections of a month stand in later ones."""
    return held.paths(held.closed) if held.closed else ()


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
