"""Direct attribution: references as sent resolve to rows by external id or alias."""

from collections.abc import Collection

from django.db import connection, transaction

from customers.models import EndUser, EndUserAlias
from usage.models import AttributionRun, Derivation
from usage.privacy import stored_user
from usage.revisions import Revisions

# One derivation at a time: two at once would supersede each other's rows.
_LOCK = 0x746B6E01
_DERIVATION = "attribution"
# What references resolve by.
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
)


@transaction.atomic
def attribute(*, reason: str, contexts: Collection[int] | None = None) -> AttributionRun | None:
    """Derive these contexts (None: all) again and record what changed; None if nothing did.

    A changed attribution supersedes the old row; the ledger of usage is not touched.
    """
    _lock()
    # Read before the names: what is committed in between must count as a change still to derive.
    made_from = _made_from()
    run = _derive(reason, contexts)
    if contexts is None:
        Derivation.objects.update_or_create(pk=_DERIVATION, defaults={"made_from": made_from})
    return run


@transaction.atomic
def attribute_if_changed(*, reason: str) -> AttributionRun | None:
    """Derive all contexts if customers, aliases or names changed since that was last done."""
    _lock()
    done = Derivation.objects.filter(pk=_DERIVATION).values_list("made_from", flat=True).first()
    return attribute(reason=reason) if done != _made_from() else None


def _lock() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


def _made_from() -> str:
    return repr(Revisions.read().of(*_TABLES))


def _derive(reason: str, contexts: Collection[int] | None) -> AttributionRun | None:
    digests = _stored_otherwise()
    with connection.cursor() as cursor:
        # Lists as given by a fold are short or long; a plan for any list hashes the names.
        cursor.execute(
            _CHANGE,
            {
                "reason": reason,
                "all": contexts is None,
                "contexts": list(contexts or ()),
                "digests": list(digests),
                "people": list(digests.values()),
            },
        )
        made = cursor.fetchone()
    return AttributionRun.objects.get(pk=made[0]) if made else None


def _stored_otherwise() -> dict[str, int]:
    """Find the end users that ingestion stores under a digest: digest → end user."""
    aliases = dict(EndUserAlias.objects.values_list("alias", "end_user_id"))
    known = {**aliases, **dict(EndUser.objects.values_list("external_id", "pk"))}
    return {stored: pk for name, pk in known.items() if (stored := stored_user(name)) != name}


# Raw SQL: insert-from-select over whole tables, the old rows superseded in the same statement.
# Uses index: usage_context_pkey for a list of contexts, else sequential scans. A context whose
# current rows are dated was attributed otherwise and is left alone. An external id wins over an
# alias. The INSERT reads `replaced`, so that no old row is in force when the new one is checked.
_NAMES = """
    SELECT external_id AS name, id FROM {table}
    UNION ALL
    SELECT a.alias, a.{field} FROM {aliases} a
    WHERE NOT EXISTS (SELECT FROM {table} t WHERE t.external_id = a.alias)
"""
_CUSTOMERS, _USERS, _FEATURES, _TEAMS = (
    _NAMES.format(table=table, aliases=aliases, field=field)
    for table, aliases, field in (
        ("customers_customer", "customers_customeralias", "customer_id"),
        ("customers_enduser", "customers_enduseralias", "end_user_id"),
        ("usage_feature", "usage_featurealias", "feature_id"),
        ("customers_team", "customers_teamalias", "team_id"),
    )
)
_CHANGE = f"""
    WITH customers AS ({_CUSTOMERS}), features AS ({_FEATURES}), teams AS ({_TEAMS}),
    users AS (
        {_USERS}
        UNION ALL
        SELECT * FROM unnest(%(digests)s::text[], %(people)s::bigint[])
    ), changed AS MATERIALIZED (
        SELECT c.id AS context_id, n.id AS customer_id, u.id AS end_user_id,
               f.id AS feature_id, t.id AS team_id, a.id AS old_id,
               coalesce(a.cost_class, 'COGS') AS cost_class
        FROM usage_context c
        LEFT JOIN usage_enduserreference r ON r.id = c.user_reference_id
        LEFT JOIN customers n ON n.name = c.customer_reference
        LEFT JOIN users u ON u.name = r.reference
        LEFT JOIN features f ON f.name = c.feature_reference
        LEFT JOIN teams t ON t.name = c.team_reference
        LEFT JOIN usage_attribution a ON a.context_id = c.id AND a.superseded_by_id IS NULL
        WHERE (%(all)s OR c.id = ANY(%(contexts)s))
          AND a.valid_from IS NULL AND a.valid_to IS NULL
          AND (a.customer_id, a.end_user_id, a.feature_id, a.team_id)
              IS DISTINCT FROM (n.id, u.id, f.id, t.id)
    ), run AS (
        INSERT INTO usage_attributionrun (reason, created_at, changed)
        SELECT %(reason)s, statement_timestamp(), count(*) FROM changed HAVING count(*) > 0
        RETURNING id
    ), replaced AS (
        UPDATE usage_attribution a SET superseded_by_id = run.id
        FROM run, changed WHERE a.id = changed.old_id
        RETURNING a.id
    ), made AS (
        INSERT INTO usage_attribution (context_id, customer_id, end_user_id, feature_id, team_id,
                                       cost_class, run_id)
        SELECT context_id, customer_id, end_user_id, feature_id, team_id, cost_class, run.id
        FROM changed, run WHERE (SELECT count(*) FROM replaced) >= 0
    )
    SELECT id FROM run
"""  # noqa: S608 - names of our own tables only
