"""References as sent → customers, features, teams and end users: created or mapped by a person."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from billing.matching.billed import match_customers
from customers.models import Customer, CustomerAlias, EndUser, EndUserAlias, Team, TeamAlias
from usage.attribution import attribute, unpin
from usage.models import Feature, FeatureAlias


@dataclass(frozen=True, slots=True)
class Kind:
    """What a reference can stand for, and where its other spellings are kept."""

    label: str
    model: Any
    alias: Any
    field: str


KINDS = {
    "customer": Kind("customer", Customer, CustomerAlias, "customer"),
    "feature": Kind("feature", Feature, FeatureAlias, "feature"),
    "team": Kind("team", Team, TeamAlias, "team"),
    "end_user": Kind("end user", EndUser, EndUserAlias, "end_user"),
}


class UnknownTargetError(ValueError):
    """There is no such row to map to; names what was looked for."""


@transaction.atomic
def map_references(
    *, kind: str, references: Sequence[str], target: str = "", user: Any = None
) -> list[Any]:
    """Say what references as sent stand for, back into the past; return the rows they mean now.

    With a target (an external id) they become other names of it, without one each gets a row of
    its own. Raises UnknownTargetError if the target does not exist.
    """
    known = KINDS[kind]
    if target:
        row = known.model.objects.filter(external_id=target).first()
        if row is None:
            message = f"{target!r} is no {known.label}; choose one of the list or leave it empty"
            raise UnknownTargetError(message)
        rows = [row]
        for reference in sorted(set(references) - {target}):
            known.alias.objects.update_or_create(alias=reference, defaults={known.field: row})
    else:
        rows = [
            known.model.objects.get_or_create(external_id=name, defaults={"name": name})[0]
            for name in sorted(set(references))
        ]
    unpin(kind=kind, references=references)
    attribute(reason=_said(known.label, sorted(set(references)), rows), user=user)
    if kind == "customer":
        match_customers(user=user)
    return rows


def _said(label: str, references: Sequence[str], rows: Sequence[Any]) -> str:
    more = f" and {len(references) - 1} more" if len(references) > 1 else ""
    target = f" → {rows[0]}" if len(rows) == 1 else ""
    return f"{label} as sent: {references[0]}{more}{target}"[:200]
