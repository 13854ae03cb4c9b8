"""Check by statement that contexts and runs of attributions are there: a row at a time was the
better half of a rule over many contexts, though neither is ever removed.

Planned anew each time: the plan a session remembers from a small table would read a large one row
by row for each row written.
"""

import django.db.models.deletion
from django.db import migrations, models

REFERS = """
CREATE FUNCTION usage_attribution_refers() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    missing text;
BEGIN
    EXECUTE $query$
        SELECT 'context ' || context_id FROM written w
        WHERE NOT EXISTS (SELECT FROM usage_context c WHERE c.id = w.context_id)
        UNION ALL
        SELECT 'run ' || id
        FROM (SELECT run_id FROM written UNION SELECT superseded_by_id FROM written) r(id)
        WHERE id IS NOT NULL AND NOT EXISTS (SELECT FROM usage_attributionrun u WHERE u.id = r.id)
        LIMIT 1
    $query$ INTO missing;
    IF missing IS NOT NULL THEN
        RAISE EXCEPTION 'an attribution refers to %, which is not there', missing
            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'usage_attribution_refers';
    END IF;
    RETURN NULL;
END $$
"""
KEPT = """
CREATE FUNCTION usage_attribution_kept() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    kept text;
BEGIN
    EXECUTE format(
        'SELECT g.id FROM gone g WHERE EXISTS (SELECT FROM usage_attribution a WHERE %s) LIMIT 1',
        TG_ARGV[0]
    ) INTO kept;
    IF kept IS NOT NULL THEN
        RAISE EXCEPTION 'attributions refer to row % of %', kept, TG_TABLE_NAME
            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'usage_attribution_kept';
    END IF;
    RETURN NULL;
END $$
"""
# As in 0121, but planned anew each time, and not row by row where many were written: without
# statistics of a table that has just grown, a rule over 47,000 contexts took seven minutes.
NO_OVERLAP = """
CREATE OR REPLACE FUNCTION usage_attribution_no_overlap() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    twice integer;
BEGIN
    PERFORM pg_advisory_xact_lock(1953197569);
    IF (SELECT count(*) FROM written) > 1000 THEN
        PERFORM set_config('enable_nestloop', 'off', true);
    END IF;
    EXECUTE $query$
        SELECT context_id FROM (
            SELECT context_id, valid_to,
                   lead(context_id) OVER w IS NOT NULL AS has_next,
                   lead(valid_from) OVER w AS next_from
            FROM usage_attribution
            WHERE superseded_by_id IS NULL
                AND context_id IN (SELECT context_id FROM written WHERE superseded_by_id IS NULL)
            WINDOW w AS (PARTITION BY context_id ORDER BY valid_from NULLS FIRST)
        ) in_force
        WHERE has_next AND (valid_to IS NULL OR next_from IS NULL OR next_from < valid_to)
        LIMIT 1
    $query$ INTO twice;
    PERFORM set_config('enable_nestloop', 'on', true);
    IF twice IS NOT NULL THEN
        RAISE EXCEPTION 'context % has two attributions in force on one day', twice
            USING ERRCODE = 'exclusion_violation', CONSTRAINT = 'usage_attribution_no_overlap';
    END IF;
    RETURN NULL;
END $$
"""


def _written(operation: str) -> migrations.RunSQL:
    name = f"usage_attribution_refers_{operation.lower()}"
    return migrations.RunSQL(
        f"CREATE TRIGGER {name} AFTER {operation} ON usage_attribution "
        "REFERENCING NEW TABLE AS written "
        "FOR EACH STATEMENT EXECUTE FUNCTION usage_attribution_refers()",
        f"DROP TRIGGER {name} ON usage_attribution",
    )


def _deleted(table: str, refers: str) -> migrations.RunSQL:
    return migrations.RunSQL(
        f"CREATE TRIGGER usage_attribution_kept AFTER DELETE ON {table} "
        "REFERENCING OLD TABLE AS gone "
        f"FOR EACH STATEMENT EXECUTE FUNCTION usage_attribution_kept('{refers}')",
        f"DROP TRIGGER usage_attribution_kept ON {table}",
    )


def _unchecked(field: str, to: str, **more: object) -> migrations.AlterField:
    return migrations.AlterField(
        model_name="attribution",
        name=field,
        field=models.ForeignKey(
            db_constraint=False, on_delete=django.db.models.deletion.PROTECT, to=to, **more
        ),
    )


class Migration(migrations.Migration):
    dependencies = [("usage", "0132_batch_index")]

    operations = [
        _unchecked("context", "usage.context", related_name="attributions"),
        _unchecked("run", "usage.attributionrun", related_name="made"),
        _unchecked(
            "superseded_by", "usage.attributionrun", related_name="superseded", null=True,
            blank=True,
        ),
        migrations.RunSQL(REFERS, "DROP FUNCTION usage_attribution_refers()"),
        _written("INSERT"),
        _written("UPDATE"),
        migrations.RunSQL(KEPT, "DROP FUNCTION usage_attribution_kept()"),
        _deleted("usage_context", "a.context_id = g.id"),
        _deleted("usage_attributionrun", "g.id IN (a.run_id, a.superseded_by_id)"),
        migrations.RunSQL(NO_OVERLAP, migrations.RunSQL.noop),
    ]  # fmt: skip
