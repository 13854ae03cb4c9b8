"""Check what attributions refer to once a statement: a foreign key looks up each row on its own.

A rule over 47,000 contexts waited 1.2 s for seven keys at its end, and wrote five indexes for each
row it superseded; three are left (docs/adr/0048). What the keys forbade is forbidden still.
"""

import django.contrib.postgres.indexes
import django.db.models.deletion
from django.db import migrations, models

# Locked as a foreign key does, against a deletion under way. Contexts and runs are never deleted
# by the application, which may not lock contexts either: they are looked for.
_REFERS = """
CREATE FUNCTION usage_attribution_refers() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    wanted bigint[];
    missing bigint;
BEGIN
    {locked}
    {looked_for}
    RETURN NULL;
END $$
"""
_LOCKED = """
    SELECT array_agg(DISTINCT {column}) INTO wanted FROM written;
    SELECT min(one) INTO missing FROM unnest(wanted) one WHERE one NOT IN
        (SELECT id FROM {table} WHERE id = ANY(wanted) FOR KEY SHARE);"""
_LOOKED_FOR = """
    SELECT min(w.{column}) INTO missing FROM written w
    WHERE w.{column} IS NOT NULL AND NOT EXISTS (SELECT FROM {table} t WHERE t.id = w.{column});"""
_RAISED = """
    IF missing IS NOT NULL THEN
        RAISE EXCEPTION 'an attribution refers to % of {table}, which is not there', missing
            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'usage_attribution_{column}';
    END IF;"""
_REFERRED = """
CREATE FUNCTION usage_attribution_referred() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    kept bigint;
BEGIN
    EXECUTE format(
        'SELECT min(g.id) FROM gone g JOIN usage_attribution a ON a.%I = g.id', TG_ARGV[0]
    ) INTO kept;
    IF kept IS NOT NULL THEN
        RAISE EXCEPTION 'attributions refer to % of %', kept, TG_TABLE_NAME
            USING ERRCODE = 'foreign_key_violation',
                CONSTRAINT = 'usage_attribution_' || TG_ARGV[0];
    END IF;
    RETURN NULL;
END $$
"""
LOCKED = {
    "customer_id": "customers_customer",
    "end_user_id": "customers_enduser",
    "feature_id": "usage_feature",
    "team_id": "customers_team",
}
LOOKED_FOR = {
    "context_id": "usage_context",
    "run_id": "usage_attributionrun",
    "superseded_by_id": "usage_attributionrun",
}


def _checks(query: str, columns: dict[str, str]) -> str:
    return "".join(
        (query + _RAISED).format(column=column, table=table) for column, table in columns.items()
    )


def _trigger(name: str, table: str, event: str, rows: str, function: str) -> migrations.RunSQL:
    return migrations.RunSQL(
        f"CREATE TRIGGER {name} AFTER {event} ON {table} REFERENCING {rows} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {function}",
        f"DROP TRIGGER {name} ON {table}",
    )


def _unchecked(name: str, to: str, deleted, **options) -> migrations.AlterField:
    field = models.ForeignKey(to=to, db_constraint=False, on_delete=deleted, **options)
    return migrations.AlterField("attribution", name, field)


_NULL = django.db.models.deletion.SET_NULL
_PROTECT = django.db.models.deletion.PROTECT
_UNKNOWN = {"null": True, "blank": True, "db_index": False}


class Migration(migrations.Migration):
    dependencies = [("usage", "0140_overlaps_are_planned_anew")]

    operations = [
        _unchecked("context", "usage.context", _PROTECT, related_name="attributions"),
        _unchecked("customer", "customers.customer", _NULL, **_UNKNOWN),
        _unchecked("end_user", "customers.enduser", _NULL, **_UNKNOWN),
        _unchecked("feature", "usage.feature", _NULL, **_UNKNOWN),
        _unchecked("team", "customers.team", _NULL, **_UNKNOWN),
        _unchecked("run", "usage.attributionrun", _PROTECT, related_name="made", db_index=False),
        _unchecked(
            "superseded_by", "usage.attributionrun", _PROTECT, related_name="superseded", **_UNKNOWN
        ),
        migrations.RunSQL(
            _REFERS.format(
                locked=_checks(_LOCKED, LOCKED), looked_for=_checks(_LOOKED_FOR, LOOKED_FOR)
            ),
            "DROP FUNCTION usage_attribution_refers()",
        ),
        *(
            _trigger(
                f"usage_attribution_refers_{event.lower()}",
                "usage_attribution",
                event,
                "NEW TABLE AS written",
                "usage_attribution_refers()",
            )
            for event in ("INSERT", "UPDATE")
        ),
        migrations.RunSQL(_REFERRED, "DROP FUNCTION usage_attribution_referred()"),
        *(
            _trigger(
                f"usage_attribution_{column}",
                table,
                "DELETE",
                "OLD TABLE AS gone",
                f"usage_attribution_referred('{column}')",
            )
            for column, table in (LOCKED | LOOKED_FOR).items()
        ),
        migrations.AddIndex(
            "attribution",
            models.Index(
                fields=["customer"],
                condition=models.Q(superseded_by=None),
                name="usage_attribution_in_force",
            ),
        ),
        migrations.AddIndex(
            "attribution",
            models.Index(
                fields=["superseded_by"],
                condition=models.Q(superseded_by__isnull=False),
                name="usage_attribution_superseded",
            ),
        ),
        migrations.AddIndex(
            "attribution",
            django.contrib.postgres.indexes.BrinIndex(
                fields=["run"], autosummarize=True, name="usage_attribution_run"
            ),
        ),
    ]
