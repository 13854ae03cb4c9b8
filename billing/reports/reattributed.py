"""Money moved by attributing usage anew: two answers of the margin, by dimension and month."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal, localcontext

from django.db import transaction

from billing.margin import MarginReport, margin
from billing.reports.rows import ZERO, name
from billing.reports.shared import unattributed
from tknops.money import EXACT
from usage import cube
from usage.attribution import RuleConflict, apply_rules, conflicts, in_force, snapshot
from usage.models import Attribution, AttributionRun, CostClass

DIMENSIONS = ("customer", "feature", "team", "cost_class")


@dataclass(frozen=True, slots=True)
class Move:
    """AI cost of a key in a month before and after; events too, since some have no price."""

    dimension: str
    key: str
    label: str
    month: str
    before: Decimal
    after: Decimal
    events: int

    @property
    def moved(self) -> Decimal:
        """What it gained or lost."""
        return self.after - self.before


@dataclass(frozen=True, slots=True)
class Left:
    """AI cost that has no such thing, before and after."""

    dimension: str
    before: Decimal
    after: Decimal


@dataclass(frozen=True, slots=True)
class Moves:
    """What a change touches and moves; the moves of a dimension sum to 0."""

    contexts: int
    events: int
    moves: list[Move]
    left: list[Left]
    conflicts: list[RuleConflict]

    def of(self, dimension: str) -> list[Move]:
        """Return the moves over one dimension."""
        return [move for move in self.moves if move.dimension == dimension]

    @property
    def moved(self) -> Decimal:
        """All money that changes its customer."""
        gained = [move.moved for move in self.of("customer") if move.moved > 0]
        return sum(gained, ZERO)


def preview_rules(*, reason: str = "dry run") -> Moves:
    """Apply the rules as edited, look at what moved, and take all of it back."""
    with transaction.atomic():
        before = _ask(None)
        run = apply_rules(reason=reason)
        found = _moves(before, _ask(None), [run.pk], conflicts())
        transaction.set_rollback(True)
    return found


def run_moves(run: AttributionRun) -> Moves:
    """Return what a run moved, whatever came after it."""
    return _moves(_ask(run.pk - 1), _ask(run.pk), [run.pk], [])


def moves_between(first: AttributionRun, second: AttributionRun) -> Moves:
    """Compare what two runs left, the earlier first."""
    one, two = sorted((first, second), key=lambda run: run.pk)
    between = AttributionRun.objects.filter(pk__gt=one.pk, pk__lte=two.pk)
    numbers = list(between.values_list("pk", flat=True))
    return _moves(_ask(one.pk), _ask(two.pk), numbers, [])


def rules_waiting() -> list[str]:
    """Name the rules whose edited state is not the one in force."""
    revision = in_force()
    old = {rule["id"]: rule for rule in (revision.rules if revision else [])}
    new = {rule["id"]: rule for rule in snapshot()}
    changed = [new.get(key, old.get(key)) for key in new.keys() | old.keys()
               if new.get(key) != old.get(key)]  # fmt: skip
    return sorted(rule["name"] for rule in changed if rule and _matters(rule, old))


def _matters(rule: dict[str, object], old: dict[int, dict[str, object]]) -> bool:
    """A draft that was never in force waits for nothing."""
    was = old.get(rule["id"])  # type: ignore[call-overload]
    return bool(rule["active"] or (was and was["active"]))


def _ask(run: int | None) -> dict[str, MarginReport]:
    days = cube.covered()
    if days is None:
        return {}
    return {name: margin(by=[name, "month"], period=days, as_of_run=run) for name in DIMENSIONS}


def _moves(
    before: dict[str, MarginReport],
    after: dict[str, MarginReport],
    runs: list[int],
    found: list[RuleConflict],
) -> Moves:
    touched = _touched(runs)
    with localcontext(EXACT):
        moves = [
            move
            for dimension in after.keys() & before.keys()
            for move in _compare(dimension, before[dimension], after[dimension])
        ]
        left = [
            Left(name, unattributed(before[name]), unattributed(after[name]))
            for name in ("customer", "feature")
            if name in before and name in after
        ]
    return Moves(len(touched), cube.events_of(touched), moves, left, found)


def _touched(runs: list[int]) -> set[int]:
    made = Attribution.objects.filter(run_id__in=runs)
    replaced = Attribution.objects.filter(superseded_by_id__in=runs)
    return set(made.union(replaced).values_list("context_id", flat=True))


def _compare(dimension: str, before: MarginReport, after: MarginReport) -> Iterable[Move]:
    old = {row.key: row for row in before.rows}
    new = {row.key: row for row in after.rows}
    for key in sorted(old.keys() | new.keys()):
        was, now = old.get(key), new.get(key)
        costs = ((was and was.cost) or ZERO, (now and now.cost) or ZERO)
        events = (now.events if now else 0) - (was.events if was else 0)
        if costs[0] != costs[1] or events:
            label = _label(after if now else before, dimension, key[0])
            yield Move(dimension, key[0], label, key[1], *costs, events)


def _label(report: MarginReport, dimension: str, key: str) -> str:
    return CostClass(key).label if dimension == "cost_class" else name(report, dimension, key)
