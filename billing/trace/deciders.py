"""What can decide an effect of an attribution: a rule, a name as sent, or nothing."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

from billing.margin.cost import CostRow
from billing.measures import NONE, UNATTRIBUTED
from usage.attribution import in_force
from usage.attribution.targets import ALIASES
from usage.models import AttributionRun

# What each effect is sent as; the cost class is never sent.
SENT_AS = {
    "customer": "customer_reference",
    "end_user": "user_reference",
    "feature": "feature_reference",
    "team": "team_reference",
}
RULE, ALIAS, SENT, OPEN, FROZEN = "rule", "alias", "as sent", "open", "closed month"
_UNKNOWN = frozenset((UNATTRIBUTED, NONE))
_LISTED = 20


class Key(NamedTuple):
    """Names a decider: a rule and its revision, else what else it is, in words."""

    kind: str
    said: str = ""
    rule: int = 0
    revision: int | None = None


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


class Names:
    """How references as sent resolve, looked up at once."""

    def __init__(self, effect: str, references: Iterable[str]) -> None:
        """Look up which are aliases, and which a revert pinned."""
        self._effect = effect
        self._aliases: set[str] = set()
        if effect in ALIASES:
            aliases = ALIASES[effect].objects.values_list("alias", flat=True)
            self._aliases = set(aliases).intersection(references)
        revision = in_force()
        pins = revision.pins if revision else ()
        self._pinned = {pin[1] for pin in pins if pin[0] == effect}

    def of(self, meaning: str, reference: str) -> Key:
        """Name what decided a part that no rule did."""
        if self._effect not in SENT_AS:
            return Key(SENT, "no rule: the default")
        if reference == NONE:
            return Key(OPEN, "the call names none, and no rule sets it")
        if meaning in _UNKNOWN:
            return Key(OPEN, "the name as sent is none of ours, and no rule sets it")
        if reference in self._pinned:
            return Key(ALIAS, f"“{reference}” as sent, taken back to what it meant before")
        if reference in self._aliases:
            return Key(ALIAS, f"alias “{reference}” as sent")
        if reference == meaning:
            return Key(SENT, "external id as sent, no rule")
        return Key(SENT, "a name or the digest of one as sent, no rule")


def decider(key: Key, row: CostRow, runs: Sequence[AttributionRun]) -> Decider:
    """Put a decider together; a rule's words are those of its revision."""
    made = Decider(key.kind, key.said, row.cost, row.events, row.unpriced_events, tuple(runs))
    if key.kind != RULE:
        return made
    revision = next((run.rule_revision for run in runs if run.rule_revision), None)
    written: list[dict[str, Any]] = revision.rules if revision else []
    rule = next((one for one in written if one["id"] == key.rule), {})
    name, position = rule.get("name", f"rule {key.rule}"), rule.get("position")
    said = f"rule “{name}” at position {position}, revision {key.revision}"
    return Decider(
        RULE, said, row.cost, row.events, row.unpriced_events, tuple(runs),
        key.rule, name, position, key.revision,
    )  # fmt: skip


def few(found: list[Decider]) -> list[Decider]:
    """Keep the dearest aliases; the others stand together, so that all still sum."""
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
    gone = {one.said for one in rest}
    return [*(one for one in found if one.kind != ALIAS or one.said not in gone), others]
