"""Derive attributions: references resolve by external id or alias, then the rules in force."""

from collections.abc import Collection, Sequence
from typing import Any

from django.db import connection, transaction

from usage.attribution.contexts import read_contexts
from usage.attribution.decide import decide, match_all
from usage.attribution.rules import Rule, compiled, in_force, snapshot
from usage.attribution.store import store
from usage.attribution.targets import existing
from usage.models import AttributionRun, Derivation, Revision, RuleRevision
from usage.revisions import Revisions

# One derivation at a time: two at once would supersede each other's rows.
_LOCK = 0x746B6E01
_DERIVATION = "attribution"
# What references resolve by, and the rules.
_TABLES = (
    "customers_customer",
    "customers_customeralias",
    "customers_enduser",
    "customers_enduseralias",
    "customers_team",
    "customers_teamalias",
    "usage_feature",
    "usage_featurealias",
    "usage_enduserreference",
    "usage_rulerevision",
)
Kind = AttributionRun.Kind


@transaction.atomic
def attribute(
    *,
    reason: str,
    contexts: Collection[int] | None = None,
    kind: str = Kind.NAMES,
    user: Any = None,
) -> AttributionRun | None:
    """Derive these contexts (None: all) again and record what changed; None if nothing did.

    By the rules in force, not by what is being edited. A changed attribution supersedes the old
    row; the ledger of usage is not touched.
    """
    lock()
    always = kind == Kind.MERGE  # a run that cannot be taken back must be seen
    return derive(reason=reason, contexts=contexts, kind=kind, user=user, always=always)


@transaction.atomic
def attribute_if_changed(*, reason: str) -> AttributionRun | None:
    """Derive all contexts if names or rules changed since that was last done."""
    lock()
    return derive(reason=reason) if _names_changed(_made_from()) else None


@transaction.atomic
def apply_rules(*, reason: str, user: Any = None) -> AttributionRun:
    """Put the rules as edited in force and derive all contexts with them.

    The run is recorded even if no context changed: it stands for the new rules.
    """
    lock()
    rules, before = snapshot(), in_force()
    if before is None or before.rules != rules:
        pins = before.pins if before else []
        RuleRevision.objects.create(rules=rules, pins=pins, reason=reason, created_by=user)
    run = derive(reason=reason, kind=Kind.RULES, user=user, always=True)
    if run is None:  # pragma: no cover - always=True makes one
        raise AssertionError
    return run


def derive(
    *,
    reason: str,
    contexts: Collection[int] | None = None,
    kind: str = Kind.NAMES,
    user: Any = None,
    reverted: AttributionRun | None = None,
    always: bool = False,
) -> AttributionRun | None:
    """Derive under the lock the caller holds."""
    # Read before the names: what is committed in between must count as a change still to derive.
    made_from = _made_from()
    revision = in_force()
    rules = existing(compiled(revision.rules if revision else ()))
    table = read_contexts(
        fields=fields_of(rules), pins=revision.pins if revision else (), contexts=contexts
    )
    made = store(
        decide(table, match_all(table, rules)),
        contexts=contexts,
        run={
            "kind": kind,
            "reason": reason,
            "user": user.pk if user else None,
            "revision": revision.pk if revision else None,
            "reverted": reverted.pk if reverted else None,
            "always": always,
        },
    )
    if made and (contexts is None or _names_changed(made_from)):
        # Contexts that were there before may mean something else now, though all rows are new.
        Revision.objects.create(table_name="usage_attribution", operation="UPDATE")
    if contexts is None:
        Derivation.objects.update_or_create(pk=_DERIVATION, defaults={"made_from": made_from})
    return AttributionRun.objects.get(pk=made) if made else None


def _names_changed(made_from: str) -> bool:
    """Whether names or rules changed since all contexts were derived."""
    done = Derivation.objects.filter(pk=_DERIVATION).values_list("made_from", flat=True).first()
    return done != made_from


def fields_of(rules: Sequence[Rule]) -> set[str]:
    """Name what the conditions of rules look at."""
    return {condition.field for rule in rules for condition in rule.conditions}


def lock() -> None:
    """Wait until no other derivation runs; held to the end of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


def _made_from() -> str:
    return repr(Revisions.read().of(*_TABLES))
