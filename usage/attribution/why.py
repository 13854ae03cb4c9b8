"""Why is this cost here: what decided each thing a context means on a day."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from usage.attribution.rules import EFFECTS
from usage.attribution.targets import ALIASES, MODELS
from usage.models import Attribution, AttributionRun, Context, CostClass

_LABELS = {
    "customer": "customer",
    "end_user": "end user",
    "feature": "feature",
    "team": "team",
    "cost_class": "cost class",
}


@dataclass(frozen=True, slots=True)
class Reason:
    """What one effect is and what decided it; a rule with its position and revision."""

    effect: str
    label: str
    meaning: str
    decided_by: str
    rule_id: int | None = None
    rule: str = ""
    position: int | None = None
    revision: int | None = None
    run: int | None = None


def why(*, context_id: int, day: dt.date) -> list[Reason]:
    """Name for each effect the rule, alias or external id that decided it on a day.

    Raises Context.DoesNotExist.
    """
    context = Context.objects.select_related("user_reference").get(pk=context_id)
    row = _in_force(context_id, day)
    return [_reason(effect, context, row) for effect in EFFECTS]


def _in_force(context_id: int, day: dt.date) -> Attribution | None:
    """Find the row of a day. Uses index: the one on context_id."""
    rows = Attribution.objects.filter(
        Q(valid_from=None) | Q(valid_from__lte=day),
        Q(valid_to=None) | Q(valid_to__gt=day),
        context_id=context_id,
        superseded_by=None,
    )
    return rows.select_related("run__rule_revision", *EFFECTS[:-1]).first()


def _reason(effect: str, context: Context, row: Attribution | None) -> Reason:
    meaning = _meaning(effect, row)
    number = getattr(row, f"{effect}_rule") if row else None
    if row is not None and number is not None:
        return _by_rule(effect, meaning, number, row.run)
    run = row.run_id if row else None
    decided = "no rule: the default" if effect == "cost_class" else _by_name(effect, context, row)
    return Reason(effect, _LABELS[effect], meaning, decided, run=run)


def _meaning(effect: str, row: Attribution | None) -> str:
    if effect == "cost_class":
        return str(CostClass(row.cost_class if row else CostClass.COGS).label)
    found: Any = getattr(row, effect) if row else None
    return str(found) if found else ""


def _by_rule(effect: str, meaning: str, number: int, run: AttributionRun) -> Reason:
    written = run.rule_revision.rules if run.rule_revision else []
    rule: dict[str, Any] = next((one for one in written if one["id"] == number), {})
    name, position = rule.get("name", f"rule {number}"), rule.get("position")
    decided = f"rule “{name}” at position {position}, revision {run.rule_revision_id}"
    return Reason(
        effect, _LABELS[effect], meaning, decided, number, name, position,
        run.rule_revision_id, run.pk,
    )  # fmt: skip


def _by_name(effect: str, context: Context, row: Attribution | None) -> str:
    reference = (
        str(context.user_reference.reference if context.user_reference else "")
        if effect == "end_user"
        else getattr(context, f"{effect}_reference")
    )
    if not reference:
        return "the call names none, and no rule sets it"
    if row is None or getattr(row, f"{effect}_id") is None:
        return f"“{reference}” as sent is no name of ours, and no rule sets it"
    if MODELS[effect].objects.filter(external_id=reference).exists():
        return f"external id “{reference}” as sent"
    if ALIASES[effect].objects.filter(alias=reference).exists():
        return f"alias “{reference}” as sent"
    return f"“{reference}” as sent, a name or the digest of one"
