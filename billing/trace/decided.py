"""Why is a figure's cost here: the rules, names and runs that brought it, summing to the figure."""

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, localcontext

from billing.margin import margin
from billing.margin.cost import CostRow, cost_rows, together
from billing.margin.memory import Memory
from billing.margin.query import DECIDED, Question
from billing.margin.report import asked
from billing.margin.snapshot import snapshot
from billing.measures import CONTRACTED
from billing.trace.deciders import FROZEN, RULE, SENT_AS, Decider, Key, Names, decider, few
from tknops.calendar import Period
from tknops.money import EXACT
from usage.attribution import EFFECTS
from usage.cube import cube_files
from usage.models import AttributionRun
from usage.revisions import Revisions

_held = Memory()


@dataclass(frozen=True, slots=True)
class Decided:
    """All that decided one effect in a cell, the dearest first; the costs sum to `cost`."""

    effect: str
    deciders: list[Decider]
    cost: Decimal | None


class UnknownEffectError(ValueError):
    """A name that is nothing an attribution decides; says which are."""

    def __init__(self, name: str) -> None:
        super().__init__(f"why={name!r} is not decided; accepted: {', '.join(EFFECTS)}")


def decided(
    *,
    effect: str,
    period: Period,
    filters: Mapping[str, Sequence[str]],
    basis: str = CONTRACTED,
    attributes_on: dt.date | None = None,
) -> Decided:
    """Split the cost of a cell by what decided its customer, feature, team … or cost class.

    A closed month stays as it was frozen: what that differs from today's meaning is a part of its
    own. Raises UnknownEffectError, UnknownDimensionError, UnknownBasisError.
    """
    if effect not in EFFECTS:
        raise UnknownEffectError(effect)
    with snapshot(), localcontext(EXACT):
        cell = margin(
            by=[], period=period, filters=filters, basis=basis, attributes_on=attributes_on
        ).total
        revisions = Revisions.read()
        question, _ = asked((), filters)
        sent = [SENT_AS[effect]] if effect in SENT_AS else []
        question = replace(
            question,
            by=(f"{DECIDED}{effect}", effect, *sent),
            basis=basis,
            attributes_on=attributes_on,
        )
        key = (question.key, period, tuple(cube_files(period=period)), revisions.all)
        found: list[Decider] = _held.get(key, lambda: _found(effect, question, period, revisions))
        rest = _frozen(cell.cost, cell.events, found)
        return Decided(effect, [*found, *rest], cell.cost)


def forget() -> None:
    """Drop what this process remembers."""
    _held.clear()


def _found(effect: str, question: Question, period: Period, revisions: Revisions) -> list[Decider]:
    rows = cost_rows(question, period, cube_files(period=period), revisions)
    rows = [row for row in rows if not row.empty]
    numbers = {int(number) for row in rows if (number := row.key[0].partition("@")[2])}
    runs = AttributionRun.objects.select_related("rule_revision").in_bulk(numbers)
    names = Names(effect, {row.key[-1] for row in rows})
    parts: dict[Key, list[CostRow]] = defaultdict(list)
    by: dict[Key, set[int]] = defaultdict(set)
    for row in rows:
        rule, _, number = row.key[0].partition("@")
        run = runs[int(number)] if number else None
        key = names.of(row.key[1], row.key[-1])
        if rule and run:
            key = Key(RULE, rule=int(rule), revision=run.rule_revision_id)
        parts[key].append(row)
        if run:
            by[key].add(run.pk)
    made = [
        decider(key, together((), some), [runs[n] for n in sorted(by[key], reverse=True)])
        for key, some in parts.items()
    ]
    return few(sorted(made, key=lambda one: (-(one.cost or Decimal(0)), one.said)))


def _frozen(cost: Decimal | None, events: int, found: Sequence[Decider]) -> list[Decider]:
    """Name what closed months hold besides today's meaning, if anything."""
    known = [one.cost for one in found if one.cost is not None]
    live = sum(known, Decimal(0))
    more, calls = (cost or Decimal(0)) - live, events - sum(one.events for one in found)
    if not more and not calls:
        return []
    said = "frozen when its month was closed, or posted as an adjustment since"
    return [Decider(FROZEN, said, more, calls, 0)]
