"""What a part of the time answers to a question: cost, revenue and shared cost, to be added up."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace

from billing.margin.allocation import Allocated
from billing.margin.closed.fixed import Fixed, Key
from billing.margin.cost import CostRow, together
from billing.margin.income import Income
from billing.margin.query import Question
from billing.measures import dimension


@dataclass(slots=True)
class Answer:
    """Rows of cost, and what income and shared cost found."""

    costs: list[CostRow] = field(default_factory=list)
    earned: Income = field(default_factory=Income)
    shared: Allocated = field(default_factory=Allocated)


def added(question: Question, answers: Collection[Answer]) -> Answer:
    """Put the answers of parts together as one question over all of them answers."""
    names = question.filters
    found = Answer(
        grouped(row for one in answers for row in one.costs),
        Income(applies=all(dimension(name).has_revenue for name in names)),
        Allocated(
            applies=all(dimension(name).has_allocation for name in names),
            partial=any(one.shared.partial for one in answers),
        ),
    )
    for one in answers:
        for (key, basis), amount in one.earned.by_basis.items():
            found.earned.add(key, basis, amount)
        for place, amount in one.earned.elsewhere.items():
            found.earned.leave(*place, amount)
        for key, amount in one.shared.by_key.items():
            found.shared.add(key, amount)
        for place, amount in one.shared.elsewhere.items():
            found.shared.leave(*place, amount)
        for mine, theirs in ((found.earned, one.earned), (found.shared, one.shared)):
            for key, rates in theirs.rates.items():
                mine.rates[key] |= rates
    return found


def grouped(rows: Iterable[CostRow]) -> list[CostRow]:
    """Put rows of the same key together."""
    by_key: dict[Key, list[CostRow]] = defaultdict(list)
    for row in rows:
        by_key[row.key].append(row)
    return [some[0] if len(some) == 1 else together(key, some) for key, some in by_key.items()]


def placed(answer: Answer, as_asked: Fixed) -> Answer:
    """Lay the keys of an answer out as the whole question asks."""
    if len(as_asked.question.by) == len(as_asked.by):
        return answer
    earned, shared = answer.earned, answer.shared
    place = as_asked.placed
    found = Answer(
        [replace(row, key=place(row.key)) for row in answer.costs],
        Income(applies=earned.applies),
        Allocated(
            applies=shared.applies,
            partial=shared.partial,
            by_key={place(key): amount for key, amount in shared.by_key.items()},
        ),
    )
    for (key, basis), amount in earned.by_basis.items():
        found.earned.add(place(key), basis, amount)
    for (key, code, day), amount in earned.elsewhere.items():
        found.earned.leave(place(key), code, day, amount)
    for (key, code, day), amount in shared.elsewhere.items():
        found.shared.leave(place(key), code, day, amount)
    for mine, theirs in ((found.earned, earned), (found.shared, shared)):
        mine.rates.update({place(key): rates for key, rates in theirs.rates.items()})
    return found
