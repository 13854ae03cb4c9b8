"""The derivation as background work: what the kinds of jobs call."""

from typing import Any

from django.contrib.auth import get_user_model

from tknops.jobs.progress import Report
from usage.attribution.derive import apply_rules
from usage.attribution.revert import revert
from usage.models import AttributionRun


def apply(report: Report, *, reason: str, user: int | None) -> dict[str, Any]:
    """Put the rules as edited in force."""
    report(0, None)
    run = apply_rules(reason=reason, user=_user(user))
    return {"run": run.pk, "contexts": run.changed}


def take_back(report: Report, *, run: int, user: int | None) -> dict[str, Any]:
    """Restore the state before a run. Raises CannotRevertError."""
    report(0, None)
    made = revert(run=AttributionRun.objects.get(pk=run), user=_user(user))
    return {"run": made.pk, "contexts": made.changed}


def _user(number: int | None) -> Any:
    return get_user_model().objects.filter(pk=number).first() if number else None
