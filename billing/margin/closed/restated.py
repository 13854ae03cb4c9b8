"""What usage of earlier months cost so far, and costs with what an open month bears of it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, localcontext

from billing.margin.closed.books import Books, books_of
from billing.margin.closed.compose import late_spans
from billing.margin.closed.difference import cost_difference
from billing.margin.closed.fixed import Key
from billing.margin.closed.frozen import Frozen
from billing.margin.cost import CostRow
from billing.margin.query import Question
from billing.margin.segments import segment_costs
from billing.margin.snapshot import snapshot
from tknops.calendar import Period
from tknops.money import EXACT
from usage import cube
from usage.revisions import Revisions

Costs = dict[Key, Decimal]


@dataclass(frozen=True, slots=True)
class Restated:
    """Exact cost of a month's usage by the labels asked for; what has no price is in neither.

    `posted` stands in closed months, `now` is that and what the open month bears.
    """

    posted: Costs = field(default_factory=lambda: defaultdict(Decimal))
    now: Costs = field(default_factory=lambda: defaultdict(Decimal))


def restated(by: Sequence[str], month: Period) -> Mapping[str, Restated]:
    """Return the earlier months of whose usage an open month bears some, by their keys.

    It bears late usage posted in it, and if it is the first open one what today's meaning changes.
    """
    with snapshot(), localcontext(EXACT):
        revisions = Revisions.read()
        held = books_of(revisions)
        if not held.ever:
            return {}
        asked = Question(("month", *by), {})
        found: dict[str, Restated] = defaultdict(Restated)
        for row in _borne(asked, month, held, revisions):
            if row.cost:
                found[row.key[0]].now[row.key[1:]] += row.cost
        if found and held.closed:
            frozen = Frozen(asked, held.paths(held.closed), held.closed, revisions, by_usage=True)
            for one in frozen.costs():
                if one.row.cost and one.key[0] in found:
                    for costs in (found[one.key[0]].posted, found[one.key[0]].now):
                        costs[one.key[1:]] += one.row.cost
        return dict(sorted(found.items()))


def _borne(asked: Question, month: Period, held: Books, revisions: Revisions) -> list[CostRow]:
    """List what the month bears of usage of earlier ones."""
    rows: list[CostRow] = []
    if (days := late_spans(cube.late_months()).get(month.start)) is not None:
        late = Question(asked.by, {}, posted=month, late=True)
        rows += segment_costs(late, days, _files(days), revisions)
    if held.first_open == month.start and held.closed:
        rows += cost_difference(asked, held, held.closed, _files, revisions)
    return rows


def _files(days: Period) -> list[str]:
    return cube.cube_files(period=days)
