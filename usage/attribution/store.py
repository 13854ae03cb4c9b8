"""Write down what changed: rows that are as before stay, others are superseded by new ones."""

import io
from collections.abc import Collection, Mapping
from typing import Any

import pyarrow as pa
import pyarrow.csv as pc_csv
from django.db import connection

from usage.attribution.decide import SCHEMA
from usage.attribution.rules import EFFECTS

_STORED = tuple(f"{name}_id" if name in EFFECTS[:-1] else name for name in SCHEMA.names)
_LISTED = ", ".join(_STORED)
_ENOUGH_TO_COUNT = 1_000
_TABLE = """
    CREATE TEMP TABLE IF NOT EXISTS usage_meant (
        context_id int, valid_from date, valid_to date, customer_id bigint, end_user_id bigint,
        feature_id bigint, team_id bigint, cost_class text, customer_rule int, end_user_rule int,
        feature_rule int, team_rule int, cost_class_rule int
    ) ON COMMIT DELETE ROWS
"""
_MEANT, _BEFORE = (", ".join(f"{table}.{name}" for name in _STORED) for table in ("m", "a"))
# Raw SQL: insert-from-select over whole tables, the old rows superseded in the same statement. What
# was and what is meant meet once: each has one row a context and first day. Uses index: the one on
# context_id for a few contexts, else hash joins. The INSERT reads `replaced`, so that no old row is
# in force when the new one is checked.
_CHANGE = f"""
    WITH differing AS MATERIALIZED (
        SELECT a.id AS gone, a.context_id AS gone_context, {_MEANT}
        FROM (
            SELECT * FROM usage_attribution
            WHERE superseded_by_id IS NULL AND (%(all)s OR context_id = ANY(%(contexts)s))
        ) a FULL JOIN usage_meant m ON m.context_id = a.context_id
            AND coalesce(m.valid_from, '-infinity') = coalesce(a.valid_from, '-infinity')
        WHERE ({_MEANT}) IS DISTINCT FROM ({_BEFORE})
    ), gone AS (
        SELECT gone AS id, gone_context AS context_id FROM differing WHERE gone IS NOT NULL
    ), fresh AS (
        SELECT * FROM differing WHERE context_id IS NOT NULL
    ), touched AS (
        SELECT context_id FROM gone UNION SELECT context_id FROM fresh
    ), run AS (
        INSERT INTO usage_attributionrun
            (kind, reason, created_at, created_by_id, rule_revision_id, reverted_id, changed)
        SELECT %(kind)s, %(reason)s, statement_timestamp(), %(user)s::bigint,
               %(revision)s::bigint, %(reverted)s::bigint, count(*)
        FROM touched HAVING count(*) > 0 OR %(always)s
        RETURNING id
    ), replaced AS (
        UPDATE usage_attribution a SET superseded_by_id = run.id
        FROM run, gone WHERE a.id = gone.id
        RETURNING a.id
    ), made AS (
        INSERT INTO usage_attribution ({_LISTED}, run_id)
        SELECT {", ".join(f"f.{name}" for name in _STORED)}, run.id
        FROM fresh f, run WHERE (SELECT count(*) FROM replaced) >= 0
    )
    SELECT id FROM run
"""  # noqa: S608 - names of our own columns only


def store(
    meant: pa.Table, *, contexts: Collection[int] | None, run: Mapping[str, Any]
) -> int | None:
    """Replace what these contexts (None: all) meant where it differs; return the run's id.

    `run` has its kind, reason, user, revision, reverted, and whether it is recorded `always`.
    """
    _hand_over(meant)
    with connection.cursor() as cursor:
        cursor.execute(_CHANGE, {**run, "all": contexts is None, "contexts": list(contexts or ())})
        made = cursor.fetchone()
    return int(made[0]) if made else None


def _hand_over(meant: pa.Table) -> None:
    """Put the rows into a table of this session."""
    out = io.BytesIO()
    # One chunk: an empty one before others makes Arrow write zero bytes.
    pc_csv.write_csv(meant.combine_chunks(), out, pc_csv.WriteOptions(include_header=False))
    copy = f"COPY usage_meant ({_LISTED}) FROM STDIN (FORMAT CSV)"
    with connection.cursor() as cursor:
        cursor.execute(_TABLE)
        cursor.execute("DELETE FROM usage_meant")
        with connection.wrap_database_errors, cursor.cursor.copy(copy) as stream:
            stream.write(out.getvalue())
        if meant.num_rows > _ENOUGH_TO_COUNT:
            cursor.execute("ANALYZE usage_meant")
