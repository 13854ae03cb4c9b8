"""Look for overlapping attributions by a plan of its own each time.

A session remembered the plan it made when the table was small, and without statistics of one that
has just grown a plan goes row by row: a rule over 47,000 of 140,000 contexts took seven minutes in
this trigger. As in 0121 otherwise.
"""

from django.db import migrations

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


class Migration(migrations.Migration):
    dependencies = [("usage", "0132_batch_index")]

    operations = [migrations.RunSQL(NO_OVERLAP, migrations.RunSQL.noop)]
