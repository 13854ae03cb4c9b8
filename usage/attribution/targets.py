"""What rules point to: rows that may be gone or have become others since."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from customers.models import Customer, CustomerAlias, EndUser, EndUserAlias, Team, TeamAlias
from usage.attribution.rules import Rule, compiled, in_force
from usage.models import AttributionRule, Feature, FeatureAlias, RuleRevision

MODELS: dict[str, Any] = {
    "customer": Customer,
    "end_user": EndUser,
    "feature": Feature,
    "team": Team,
}
ALIASES: dict[str, Any] = {
    "customer": CustomerAlias,
    "end_user": EndUserAlias,
    "feature": FeatureAlias,
    "team": TeamAlias,
}


def existing(rules: Sequence[Rule]) -> list[Rule]:
    """Leave out what rules set to rows that are not there any more."""
    known = {kind: _known(kind, rules) for kind in MODELS}

    def there(effect: str, value: Any) -> bool:
        return effect not in known or value in known[effect]

    return [
        replace(rule, sets={e: value for e, value in rule.sets.items() if there(e, value)})
        for rule in rules
    ]


def _known(kind: str, rules: Iterable[Rule]) -> set[int]:
    asked = {rule.sets[kind] for rule in rules if kind in rule.sets}
    if not asked:
        return set()
    return set(MODELS[kind].objects.filter(pk__in=asked).values_list("pk", flat=True))


def with_targets(written: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Leave out what rules as written set to rows that are gone, and rules with nothing left."""
    known = {rule.id: rule.sets for rule in existing(compiled(_all_active(written)))}
    return [{**rule, "sets": known[rule["id"]]} for rule in written if known[rule["id"]]]


def _all_active(written: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{**rule, "active": True} for rule in written]


def retarget(*, gone: Customer, keep: Customer) -> None:
    """Let rules, edited and in force, that set one customer set another."""
    AttributionRule.objects.filter(customer=gone).update(customer=keep)
    revision = in_force()
    if revision is None:
        return
    rules = [_retargeted(rule, gone.pk, keep.pk) for rule in revision.rules]
    pins = [_repinned(pin, gone.pk, keep.pk) for pin in revision.pins]
    if rules != revision.rules or pins != revision.pins:
        reason = f"customer {gone.external_id} merged into {keep.external_id}"
        RuleRevision.objects.create(rules=rules, pins=pins, reason=reason)


def _retargeted(rule: dict[str, Any], gone: int, keep: int) -> dict[str, Any]:
    if rule["sets"].get("customer") != gone:
        return rule
    return {**rule, "sets": {**rule["sets"], "customer": keep}}


def _repinned(pin: list[Any], gone: int, keep: int) -> list[Any]:
    return [*pin[:3], keep] if pin[0] == "customer" and pin[3] == gone else pin


def unpin(*, kind: str, references: Iterable[str]) -> None:
    """Let names mean again what they say: somebody said so after a revert had them mean else."""
    revision, names = in_force(), set(references)
    if revision is None:
        return
    kept = [pin for pin in revision.pins if pin[0] != kind or pin[1] not in names]
    if len(kept) < len(revision.pins):
        reason = f"{len(names)} {kind} references mapped again"
        RuleRevision.objects.create(rules=revision.rules, pins=kept, reason=reason)
