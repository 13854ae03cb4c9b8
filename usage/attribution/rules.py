"""Rules as they are derived with: from a revision's JSON, in the order they are tried."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from usage.models import AttributionRule, RuleCondition, RuleRevision
from usage.privacy import stored_user

EFFECTS = ("customer", "end_user", "feature", "team", "cost_class")


@dataclass(frozen=True, slots=True)
class Condition:
    """What a context must have: a field, an operator and the values it accepts."""

    field: str
    operator: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """One active rule: `sets` maps an effect to an id, or the cost class to its code."""

    id: int
    name: str
    position: int
    overrides: bool
    valid_from: dt.date | None
    valid_to: dt.date | None
    conditions: tuple[Condition, ...]
    sets: Mapping[str, Any]

    @property
    def dated(self) -> bool:
        """Whether it holds on some days only."""
        return self.valid_from is not None or self.valid_to is not None

    def covers(self, day: dt.date) -> bool:
        """Tell whether it is in force on a day."""
        started = self.valid_from is None or self.valid_from <= day
        return started and (self.valid_to is None or day < self.valid_to)


def in_force() -> RuleRevision | None:
    """Return the revision whose rules attribute; None before the first."""
    return RuleRevision.objects.order_by("-pk").first()


def snapshot() -> list[dict[str, Any]]:
    """Write the rules as edited down as JSON, in the order they are tried."""
    rules = AttributionRule.objects.order_by("position", "pk").prefetch_related("conditions")
    return [_as_json(rule) for rule in rules]


def _as_json(rule: AttributionRule) -> dict[str, Any]:
    sets: dict[str, Any] = {
        effect: found
        for effect in EFFECTS[:-1]
        if (found := getattr(rule, f"{effect}_id")) is not None
    }
    if rule.cost_class:
        sets["cost_class"] = rule.cost_class
    return {
        "id": rule.pk,
        "name": rule.name,
        "position": rule.position,
        "active": rule.active,
        "mode": rule.mode,
        "valid_from": rule.valid_from.isoformat() if rule.valid_from else None,
        "valid_to": rule.valid_to.isoformat() if rule.valid_to else None,
        "conditions": [_condition(one) for one in sorted(rule.conditions.all(), key=_number)],
        "sets": sets,
    }


def _number(condition: RuleCondition) -> int:
    return condition.pk


def _condition(condition: RuleCondition) -> dict[str, Any]:
    return {
        "field": condition.subject,
        "operator": condition.operator,
        "values": condition.wanted,
    }


def compiled(written: Iterable[Mapping[str, Any]]) -> list[Rule]:
    """Read the active rules of a revision, in order."""
    ordered = sorted(written, key=lambda one: (one["position"], one["id"]))
    return [_rule(one) for one in ordered if one["active"]]


def _rule(written: Mapping[str, Any]) -> Rule:
    return Rule(
        id=written["id"],
        name=written["name"],
        position=written["position"],
        overrides=written["mode"] == AttributionRule.Mode.OVERRIDES,
        valid_from=_day(written["valid_from"]),
        valid_to=_day(written["valid_to"]),
        conditions=tuple(_compile(one) for one in written["conditions"]),
        sets=dict(written["sets"]),
    )


def _day(text: str | None) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None


def _compile(written: Mapping[str, Any]) -> Condition:
    """An end user is compared as it is stored: contact data as its digest."""
    values = tuple(written["values"])
    if written["field"] == RuleCondition.Field.USER and written["operator"] in _WHOLE:
        values = tuple(stored_user(value) for value in values)
    return Condition(written["field"], written["operator"], values)


_WHOLE = (RuleCondition.Operator.EQUALS, RuleCondition.Operator.ONE_OF)


def restore(written: Iterable[Mapping[str, Any]]) -> None:
    """Make the rules as edited those of a revision; rules added since become inactive."""
    kept = {one["id"]: one for one in written}
    # Names are unique: who has one of theirs now gives it back first.
    names = {one["name"] for one in kept.values()}
    for rule in AttributionRule.objects.filter(name__in=names):
        if rule.pk not in kept or kept[rule.pk]["name"] != rule.name:
            name = f"{rule.name[:80]} ({rule.pk})"
            AttributionRule.objects.filter(pk=rule.pk).update(name=name)
    AttributionRule.objects.exclude(pk__in=kept).update(active=False)
    for number, one in kept.items():
        sets = {f"{effect}_id": one["sets"].get(effect) for effect in EFFECTS[:-1]}
        plain = ("name", "position", "active", "mode", "valid_from", "valid_to")
        rule, _ = AttributionRule.objects.update_or_create(
            pk=number,
            defaults={
                **{name: one[name] for name in plain},
                **sets,
                "cost_class": one["sets"].get("cost_class", ""),
            },
        )
        rule.conditions.all().delete()
        RuleCondition.objects.bulk_create(_edited(rule, one) for one in one["conditions"])


def _edited(rule: AttributionRule, written: Mapping[str, Any]) -> RuleCondition:
    field, _, key = written["field"].partition(".")
    return RuleCondition(
        rule=rule,
        field=field,
        tag_key=key,
        operator=written["operator"],
        values="\n".join(written["values"]),
    )
