"""Look for overlapping attributions by an array of contexts, which no plan can make row by row.

Where statistics lag, `IN (SELECT … FROM written)` became a loop: 693 changed contexts of 140,000
took 3 s. An array's length is known, and looked up by the index or by a hash. As in 0140 otherwise.
"""

from django.db import migrations

NO_OVERLAP = """
CREATE OR REPLACE FUNCTION usage_attribution_no_overlap() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    touched integer[];
    twice integer;
BEGIN
    PERFORM pg_advisory_xact_lock(1953197569);
    SELECT array_agg(DISTINCT context_id) INTO touched FROM written WHERE superseded_by_id IS NULL;
    -- Planned anew each time: a session keeps the plan it made when the table was small.
    EXECUTE $query$
        SELECT context_id FROM (
            SELECT context_id, valid_to,
                   lead(context_id) OVER w IS NOT NULL AS has_next,
                   lead(valid_from) OVER w AS next_from
            FROM usage_attribution
            WHERE superseded_by_id IS NULL AND context_id = ANY($1)
            WINDOW w AS (PARTITION BY context_id ORDER BY valid_from NULLS FIRST)
        ) in_force
        WHERE has_next AND (valid_to IS NULL OR next_from IS NULL OR next_from < valid_to)
        LIMIT 1
    $query$ INTO twice USING touched;
    IF twice IS NOT NULL THEN
        RAISE EXCEPTION 'context % has two attributions in force on one day', twice
            USING ERRCODE = 'exclusion_violation', CONSTRAINT = 'usage_attribution_no_overlap';
    END IF;
    RETURN NULL;
END $$
"""


class Migration(migrations.Migration):
    dependencies = [("usage", "0150_references_of_attributions_by_statement")]

    operations = [migrations.RunSQL(NO_OVERLAP, migrations.RunSQL.noop)]
