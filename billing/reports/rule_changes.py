"""What changed in the rules between two runs, in words."""

from dataclasses import dataclass
from typing import Any

from customers.dated import said_days
from usage.attribution.targets import MODELS
from usage.models import AttributionRun, CostClass, RuleCondition

_OPERATORS = dict(RuleCondition.Operator.choices)


@dataclass(frozen=True, slots=True)
class RuleChange:
    """A rule before and after; '' where it was not there or not active."""

    name: str
    before: str
    after: str


def rule_changes(
    before: AttributionRun | None, after: AttributionRun, *, most: int
) -> tuple[list[RuleChange], int]:
    """List the rules that differ between what two runs were made from, and count those beyond."""
    old, new = _rules(before), _rules(after)
    changed = sorted(key for key in old.keys() | new.keys() if old.get(key) != new.get(key))
    listed = [
        RuleChange((new.get(key) or old[key])["name"], _said(old.get(key)), _said(new.get(key)))
        for key in changed[:most]
    ]
    return listed, len(changed) - len(listed)


def _rules(run: AttributionRun | None) -> dict[int, dict[str, Any]]:
    if run is None or run.rule_revision is None:
        return {}
    return {rule["id"]: rule for rule in run.rule_revision.rules}


def _said(rule: dict[str, Any] | None) -> str:
    if rule is None or not rule["active"]:
        return ""
    when = " and ".join(_condition(one) for one in rule["conditions"]) or "every call"
    sets = ", ".join(_effect(name, value) for name, value in rule["sets"].items())
    days = ""
    if rule["valid_from"] or rule["valid_to"]:
        days = f", {said_days(rule['valid_from'], rule['valid_to'])}"
    mode = "overrides" if rule["mode"] == "OVERRIDES" else "fills"
    return f"{rule['position']}. if {when}: {sets} ({mode}{days})"


def _condition(one: dict[str, Any]) -> str:
    field = (
        one["field"]
        .replace("_reference", "")
        .replace("user", "end user")
        .replace("api_key", "API key")
    )
    return f"{field} {_OPERATORS[one['operator']]} {', '.join(one['values'])}".strip()


def _effect(name: str, value: Any) -> str:
    if name == "cost_class":
        return f"cost class = {CostClass(value).label}"
    row = MODELS[name].objects.filter(pk=value).first()
    return f"{name.replace('_', ' ')} = {row or '(gone)'}"
