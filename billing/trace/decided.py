"""Why is a figure's cost here: the rules, names and runs that brought it, summing to the figure."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, localcontext
from typing import Any

from billing.margin import margin
from billing.margin.cost import CostRow, cost_rows, together
from billing.margin.memory import Memory
from billing.margin.query import DECIDED, Question
from billing.margin.report import asked
from billing.margin.snapshot import snapshot
from billing.measures import CONTRACTED, NONE, UNATTRIBUTED
from tknops.calendar import Period
from tknops.money import EXACT
from usage.attribution import EFFECTS, in_force
from usage.attribution.targets import ALIASES
from usage.cube import cube_files
from usage.models import AttributionRun
from usage.revisions import Revisions

_SENT = {
    "customer": "customer_reference",
    "end_user": "user_reference",
    "feature": "feature_reference",
    "team": "team_reference",
}
_UNKNOWN = frozenset((UNATTRIBUTED, NONE))
RULE, ALIAS, SENT, OPEN, FROZEN = "rule", "alias", "as sent", "open", "closed month"
_LISTED = 20
_held = Memory(limit=20_000)


@dataclass(frozen=True, slots=True)
class Decider:
    """What decided a part of a figure, and that part; `said` is the whole of it in words.

    A rule has its id, name, position and the revision it decided with. `runs` recorded it, the
    newest first. Cost is None where nothing of the part has a price.
    """

    kind: str
    said: str
    cost: Decimal | None
    events: int
    unpriced_events: int
    runs: tuple[AttributionRun, ...] = ()
    rule_id: int | None = None
    rule: str = ""
    position: int | None = None
    revision: int | None = None


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
        sent = [_SENT[effect]] if effect in _SENT else []
        question = replace(
            question,
            by=(f"{DECIDED}{effect}", effect, *sent),
            basis=basis,
            attributes_on=attributes_on,
        )
        key = (question.key, period, tuple(cube_files(period=period)), revisions.all)
        found: list[Decider] = _held.get(
            key, lambda: _found(effect, question, period, revisions), len
        )
        rest = _frozen(cell.cost, cell.events, found)
        return Decided(effect, [*found, *rest], cell.cost)


def forget() -> None:
    """Drop what this process remembers."""
    _held.clear()


def _found(effect: str, question: Question, period: Period, revisions: Revisions) -> list[Decider]:
    rows = cost_rows(question, period, cube_files(period=period), revisions)
    rows = [row for row in rows if not row.empty]
    numbers = {int(run) for row in rows if (run := row.key[0].partition("@")[2])}
    runs = AttributionRun.objects.select_related("rule_revision").in_bulk(numbers)
    names = _Names(effect, {row.key[-1] for row in rows})
    parts: dict[tuple[Any, ...], list[CostRow]] = defaultdict(list)
    by: dict[tuple[Any, ...], set[int]] = defaultdict(set)
    for row in rows:
        rule, _, number = row.key[0].partition("@")
        run = runs.get(int(number)) if number else None
        if rule and run:
            key: tuple[Any, ...] = (RULE, int(rule), run.rule_revision_id)
        else:
            key = names.of(row.key)
        parts[key].append(row)
        if run:
            by[key].add(run.pk)
    made = [
        _decider(key, together((), some), [runs[n] for n in sorted(by[key], reverse=True)])
        for key, some in parts.items()
    ]
    return _few(sorted(made, key=lambda one: (-(one.cost or Decimal(0)), one.said)))


class _Names:
    """How references as sent resolve, looked up at once."""

    def __init__(self, effect: str, references: Iterable[str]) -> None:
        self._effect = effect
        aliases = (
            ALIASES[effect].objects.values_list("alias", flat=True) if effect in ALIASES else ()
        )
        self._aliases = set(aliases).intersection(references)
        revision = in_force()
        pins = revision.pins if revision else ()
        self._pinned = {pin[1] for pin in pins if pin[0] == effect}

    def of(self, key: tuple[str, ...]) -> tuple[Any, ...]:
        """Return the key of a part no rule decided."""
        if self._effect not in _SENT:
            return (SENT, "no rule: the default")
        _, meaning, reference = key
        if reference == NONE:
            return (OPEN, "the call names none, and no rule sets it")
        if meaning in _UNKNOWN:
            return (OPEN, "the name as sent is none of ours, and no rule sets it")
        if reference in self._pinned:
            return (ALIAS, f"“{reference}” as sent, taken back to what it meant before")
        if reference in self._aliases:
            return (ALIAS, f"alias “{reference}” as sent")
        if reference == meaning:
            return (SENT, "external id as sent, no rule")
        return (SENT, "a name or the digest of one as sent, no rule")


def _decider(key: tuple[Any, ...], row: CostRow, runs: Sequence[AttributionRun]) -> Decider:
    figures = {
        "cost": row.cost,
        "events": row.events,
        "unpriced_events": row.unpriced_events,
        "runs": tuple(runs),
    }
    if key[0] != RULE:
        return Decider(key[0], key[1], **figures)
    _, number, revision = key
    written = next((r.rule_revision.rules for r in runs if r.rule_revision), [])
    rule: dict[str, Any] = next((one for one in written if one["id"] == number), {})
    name, position = rule.get("name", f"rule {number}"), rule.get("position")
    said = f"rule “{name}” at position {position}, revision {revision}"
    return Decider(RULE, said, **figures, rule_id=number, rule=name, position=position,
                   revision=revision)  # fmt: skip


def _few(found: list[Decider]) -> list[Decider]:
    """Keep the dearest names; the others stand together, so that all still sum."""
    names = [one for one in found if one.kind == ALIAS]
    if len(names) <= _LISTED:
        return found
    rest = names[_LISTED:]
    known = [one.cost for one in rest if one.cost is not None]
    runs = {run.pk: run for one in rest for run in one.runs}
    others = Decider(
        ALIAS,
        f"{len(rest):,} other aliases as sent",
        sum(known, Decimal(0)) if known else None,
        sum(one.events for one in rest),
        sum(one.unpriced_events for one in rest),
        tuple(runs[number] for number in sorted(runs, reverse=True)),
    )
    gone = set(map(id, rest))
    return [*(one for one in found if id(one) not in gone), others]


def _frozen(cost: Decimal | None, events: int, found: Sequence[Decider]) -> list[Decider]:
    """Name what closed months hold besides today's meaning, if anything."""
    known = [one.cost for one in found if one.cost is not None]
    live = sum(known, Decimal(0))
    more, calls = (cost or Decimal(0)) - live, events - sum(one.events for one in found)
    if not more and not calls:
        return []
    said = "frozen when its month was closed, or posted as an adjustment since"
    return [Decider(FROZEN, said, more, calls, 0)]
