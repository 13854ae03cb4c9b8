"""Recompute the cube from the ledger and compare every sum of every key."""

from dataclasses import dataclass

import pyarrow as pa
from django.db import connection, transaction

from usage.cube.aggregate import aggregate
from usage.cube.columns import KEY, SCHEMA, SUMS
from usage.cube.duck import connect
from usage.cube.read import cube_files
from usage.models import FoldedBatch


@dataclass(frozen=True, slots=True)
class Difference:
    """A cube row whose sums are not those of the ledger (None: missing on that side)."""

    key: tuple[object, ...]
    cube: tuple[object, ...]
    ledger: tuple[object, ...]


@transaction.atomic
def verify(limit: int = 100) -> list[Difference]:
    """Return the rows that differ, at most `limit`; empty means cube = ledger."""
    with connection.cursor() as cursor:
        # Both sides must be of one moment: no segment or mark may be added in between.
        cursor.execute("LOCK TABLE usage_foldedbatch, usage_cubesegment IN SHARE MODE")
    batches = list(FoldedBatch.objects.values_list("pk", flat=True))
    ledger = pa.concat_tables([SCHEMA.empty_table(), *aggregate(batches=batches)])
    duck = connect()
    duck.register("ledger", ledger)
    files = cube_files()
    if files:
        duck.execute(f"CREATE TEMP VIEW cube AS FROM read_parquet({files!r})")
    else:
        duck.register("cube", SCHEMA.empty_table())
    rows = duck.execute(_query(), [limit]).fetchall()
    duck.execute("DROP VIEW IF EXISTS cube")
    duck.unregister("ledger")
    width, sums = len(KEY), len(SUMS)
    return [Difference(row[:width], row[width : width + sums], row[width + sums :]) for row in rows]


def _query() -> str:
    keys = ", ".join(KEY)
    sums = ", ".join(f"sum({name}) AS {name}" for name in SUMS)
    equal = " AND ".join(f"c.{name} IS NOT DISTINCT FROM l.{name}" for name in SUMS)
    both = ", ".join([f"c.{name}" for name in SUMS] + [f"l.{name}" for name in SUMS])
    return f"""
        WITH c AS (SELECT {keys}, {sums} FROM cube GROUP BY {keys}),
             l AS (SELECT {keys}, {sums} FROM ledger GROUP BY {keys})
        SELECT {keys}, {both} FROM c FULL JOIN l USING ({keys})
        WHERE NOT ({equal}) LIMIT ?
    """  # noqa: S608 - names from the column list only
