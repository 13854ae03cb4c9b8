"""Take runs back: the state before one is restored by a new run, and stays.

A context is derived again whenever something changes, so what led to its rows is restored, not
only the rows: the rules of the revision before, and each name's meaning as the rows before tell
it. An alias is taken back itself; a row under its own external id stays, and is pinned.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

from usage.attribution.contexts import RAW_NAMES, stored_otherwise
from usage.attribution.derive import derive, lock
from usage.attribution.rules import in_force, restore, snapshot
from usage.attribution.targets import ALIASES, MODELS, with_targets
from usage.models import AttributionRule, AttributionRun, RuleRevision

_REFERENCES = {
    "customer": "c.customer_reference",
    "end_user": "r.reference",
    "feature": "c.feature_reference",
    "team": "c.team_reference",
}
# Raw SQL: what each reference meant just before a run, told by the rows that were in force then.
# A rule that overrides hides it; days without a row meant nothing. A context first seen by a fold
# since then tells nothing. Sequential scans: the question is about all contexts.
_BEFORE = """
    WITH rows AS (
        SELECT a.context_id, a.valid_from, a.valid_to, a.{kind}_id AS id, a.{kind}_rule AS rule
        FROM usage_attribution a
        WHERE a.run_id < %(run)s AND (a.superseded_by_id IS NULL OR a.superseded_by_id >= %(run)s)
    ), gaps AS (
        SELECT DISTINCT context_id FROM (
            SELECT context_id, valid_from, valid_to, lag(valid_to) OVER days AS ended,
                   lead(context_id) OVER days AS later
            FROM rows WINDOW days AS (PARTITION BY context_id ORDER BY valid_from NULLS FIRST)
        ) n WHERE valid_from IS DISTINCT FROM ended OR (later IS NULL AND valid_to IS NOT NULL)
    ), before AS (
        SELECT context_id, id, rule FROM rows
        UNION ALL SELECT context_id, NULL, NULL FROM gaps
    ), new AS (
        SELECT a.context_id FROM usage_attribution a
        JOIN usage_attributionrun u ON u.id = a.run_id AND u.kind = 'USAGE' AND u.id >= %(run)s
    ), told AS (
        SELECT {reference} AS name, max(b.id) FILTER (WHERE b.rule IS NULL) AS id
        FROM usage_context c
        LEFT JOIN usage_enduserreference r ON r.id = c.user_reference_id
        LEFT JOIN before b ON b.context_id = c.id
        WHERE {reference} <> '' AND (b.rule IS NULL OR b.rule = ANY(%(filling)s))
          AND (c.id IN (SELECT context_id FROM rows)
               OR (c.created_at < %(at)s AND c.id NOT IN (SELECT context_id FROM new)))
        GROUP BY 1
    )
    SELECT t.name, t.id, n.id FROM told t LEFT JOIN ({names}) n ON n.name = t.name
    WHERE t.id IS DISTINCT FROM n.id
    ORDER BY 1
"""


@dataclass(frozen=True, slots=True)
class _Renamed:
    """A reference that meant `before` and means `now` by its name alone."""

    kind: str
    name: str
    before: int | None
    now: int | None


class CannotRevertError(ValueError):
    """A run that cannot be taken back; says why."""


@transaction.atomic
def revert(*, run: AttributionRun, user: Any = None) -> AttributionRun:
    """Restore the state before a run, all later runs included; return the run that did.

    Raises CannotRevertError where customers were merged since: one of the two is no more.
    """
    lock()
    merged = AttributionRun.objects.filter(pk__gte=run.pk, kind=AttributionRun.Kind.MERGE)
    if last := merged.order_by("pk").last():
        message = (
            f"{last.reason} in run {last.pk}: a merge cannot be taken back, nor what led to it"
        )
        raise CannotRevertError(message)
    before = _revision_before(run)
    pins = _restore_names(list(_renamed(run, before)))
    restore(with_targets(before.rules) if before else [])
    reason = f"taken back to before run {run.pk}: {run.reason}"[:200]
    RuleRevision.objects.create(
        rules=snapshot(), pins=_all_pins(before, pins), reason=reason, created_by=user
    )
    made = derive(
        reason=reason, kind=AttributionRun.Kind.REVERT, user=user, reverted=run, always=True
    )
    if made is None:  # pragma: no cover - always=True makes one
        raise AssertionError
    return made


@transaction.atomic
def discard_edits() -> None:
    """Set the rules as edited back to those in force."""
    revision = in_force()
    restore(with_targets(revision.rules) if revision else [])


def _revision_before(run: AttributionRun) -> RuleRevision | None:
    earlier = AttributionRun.objects.filter(pk__lt=run.pk).select_related("rule_revision")
    last = earlier.order_by("pk").last()
    return last.rule_revision if last else None


def _renamed(run: AttributionRun, before: RuleRevision | None) -> Iterator[_Renamed]:
    filling = [
        rule["id"]
        for rule in (before.rules if before else ())
        if rule["mode"] == AttributionRule.Mode.FILLS
    ]
    asked: dict[str, Any] = {
        "run": run.pk,
        "at": run.created_at,
        "filling": filling,
        "digests": json.dumps(stored_otherwise()),
    }
    for kind, reference in _REFERENCES.items():
        query = _BEFORE.format(kind=kind, reference=reference, names=RAW_NAMES[kind])
        with connection.cursor() as cursor:
            cursor.execute(query, asked)
            for name, was, now in cursor.fetchall():
                yield _Renamed(kind, name, was, now)


def _restore_names(renamed: Sequence[_Renamed]) -> list[list[Any]]:
    """Give names the meaning they had; return the pins of those that keep a row of their own."""
    pins = []
    for one in renamed:
        model = MODELS[one.kind]
        if one.now is not None and model.objects.filter(external_id=one.name).exists():
            pins.append([one.kind, one.name, one.now, one.before])
            continue
        aliases = ALIASES[one.kind].objects
        if one.before is None:
            aliases.filter(alias=one.name).delete()
        elif model.objects.filter(pk=one.before).exists():
            meant = {f"{one.kind}_id": one.before}
            aliases.update_or_create(alias=one.name, defaults=meant)
    return pins


def _all_pins(before: RuleRevision | None, pins: list[list[Any]]) -> list[list[Any]]:
    """Add the pins there were for names nothing was sent under since."""
    new = {(kind, name) for kind, name, _, _ in pins}
    kept = [pin for pin in (before.pins if before else []) if (pin[0], pin[1]) not in new]
    return [*kept, *pins]
