"""Direct attribution: references as sent resolve to rows by external id or alias."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.db.models import Manager

from customers.models import (
    Customer,
    CustomerAlias,
    EndUser,
    EndUserAlias,
    Team,
    TeamAlias,
)
from usage.models import Attribution, AttributionRun, Context, Feature, FeatureAlias
from usage.privacy import stored_user

# One derivation at a time: two at once would supersede each other's rows.
_LOCK = 0x746B6E01


class Meaning(NamedTuple):
    """What a context resolves to; None where the reference is unknown or not sent."""

    customer_id: int | None
    end_user_id: int | None
    feature_id: int | None
    team_id: int | None


@dataclass(frozen=True, slots=True)
class References:
    """External ids and aliases → rows, read once per run."""

    customers: dict[str, int]
    end_users: dict[str, int]
    features: dict[str, int]
    teams: dict[str, int]

    @classmethod
    def read(cls) -> "References":
        """Read them; an external id wins over an alias."""

        def known(things: Manager[Any], aliases: Manager[Any], field: str) -> dict[str, int]:
            others = dict(aliases.values_list("alias", field))
            return {**others, **dict(things.values_list("external_id", "pk"))}

        return cls(
            customers=known(Customer.objects, CustomerAlias.objects, "customer_id"),
            end_users=_end_users(),
            features=known(Feature.objects, FeatureAlias.objects, "feature_id"),
            teams=known(Team.objects, TeamAlias.objects, "team_id"),
        )

    def meaning(self, context: Context) -> Meaning:
        """Resolve one context."""
        user = context.user_reference.reference if context.user_reference else ""
        return Meaning(
            self.customers.get(context.customer_reference),
            self.end_users.get(user),
            self.features.get(context.feature_reference),
            self.teams.get(context.team_reference),
        )


def _end_users() -> dict[str, int]:
    """Find end users by their id as sent and as ingestion stores it."""
    aliases = dict(EndUserAlias.objects.values_list("alias", "end_user_id"))
    found = {**aliases, **dict(EndUser.objects.values_list("external_id", "pk"))}
    return {**{stored_user(reference): pk for reference, pk in found.items()}, **found}


@transaction.atomic
def attribute(*, reason: str) -> AttributionRun | None:
    """Derive all contexts again and record what changed; None if nothing did.

    A changed attribution supersedes the old row; the ledger of usage is not touched.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
    current = {row.context_id: row for row in Attribution.objects.filter(superseded_by=None)}
    changes = list(_changes(References.read(), current))
    if not changes:
        return None
    run = AttributionRun.objects.create(reason=reason, changed=len(changes))
    replaced = [current[pk].pk for pk, _ in changes if pk in current]
    Attribution.objects.filter(pk__in=replaced).update(superseded_by=run)
    Attribution.objects.bulk_create(
        [Attribution(context_id=pk, run=run, **meaning._asdict()) for pk, meaning in changes],
        batch_size=2000,
    )
    return run


def _changes(
    references: References, current: dict[int, Attribution]
) -> Iterable[tuple[int, Meaning]]:
    nothing = Meaning(None, None, None, None)
    for context in Context.objects.select_related("user_reference").iterator(chunk_size=5000):
        row = current.get(context.pk)
        was = (
            Meaning(row.customer_id, row.end_user_id, row.feature_id, row.team_id)
            if row
            else nothing
        )
        now = references.meaning(context)
        if now != was:
            yield context.pk, now
