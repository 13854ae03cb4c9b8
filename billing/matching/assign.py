"""Groups of unattributed calls → a customer or feature: an alias for a name, else a rule."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Max

from billing.matching.references import KINDS, UnknownTargetError, map_references
from usage.attribution import apply_rules
from usage.models import AttributionRule, AttributionRun, RuleCondition

_NAMES = {"customer": "customer_reference", "feature": "feature_reference"}
_STEP = 10
_TAG = "tag."


@transaction.atomic
def assign_groups(
    *, kind: str, groups: Mapping[str, Sequence[str]], target: str, user: Any, apply: bool
) -> AttributionRun | None:
    """Give groups, values by field, to a customer or feature; return the run that did.

    A rule only fills what is open, so it moves these groups and nothing else; it is put in force
    if told to `apply`, else it waits. Raises UnknownTargetError.
    """
    row = KINDS[kind].model.objects.filter(external_id=target).first()
    if row is None:
        message = f"{target!r} is no {KINDS[kind].label}; choose one of the list"
        raise UnknownTargetError(message)
    for field, values in groups.items():
        _check(field, values)
    before = _newest()
    ruled = [field for field in groups if field != _NAMES[kind]]
    if names := groups.get(_NAMES[kind]):
        map_references(kind=kind, references=names, target=target, user=user)
    for field in ruled:
        _make_rule(kind, field, groups[field], row)
    if ruled and apply:
        apply_rules(reason=f"{_said(groups)} → {row}"[:200], user=user)
    after = _newest()
    return after if after != before else None


def _check(field: str, values: Sequence[str]) -> None:
    """Refuse what a condition cannot say: a field there is not, a value over several lines."""
    if not field.startswith(_TAG) and field not in RuleCondition.Field.values:
        message = f"{field!r} is nothing a rule looks at"
        raise ValueError(message)
    for value in values:
        if not value or value != value.strip() or len(value.splitlines()) > 1:
            message = f"the {field} has blanks around it or several lines; make a rule by hand"
            raise ValueError(message)


def _newest() -> AttributionRun | None:
    return AttributionRun.objects.order_by("-pk").first()


def _make_rule(kind: str, field: str, values: Sequence[str], row: Any) -> None:
    last = AttributionRule.objects.aggregate(at=Max("position"))["at"] or 0
    name = f"{_said({field: values})} → {row}"[:90]
    if AttributionRule.objects.filter(name=name).exists():
        name = f"{name} ({last + _STEP})"
    rule = AttributionRule.objects.create(name=name, position=last + _STEP, **{kind: row})
    is_tag = field.startswith(_TAG)
    several = len(values) > 1
    RuleCondition.objects.create(
        rule=rule,
        field=RuleCondition.Field.TAG if is_tag else field,
        tag_key=field.removeprefix(_TAG) if is_tag else "",
        operator=RuleCondition.Operator.ONE_OF if several else RuleCondition.Operator.EQUALS,
        values="\n".join(values),
    )


def _said(groups: Mapping[str, Sequence[str]]) -> str:
    parts = []
    for field, values in groups.items():
        more = f" and {len(values) - 1} more" if len(values) > 1 else ""
        parts.append(
            f"{field.replace('_reference', '').replace('api_key', 'API key')} {values[0]}{more}"
        )
    return ", ".join(parts)
