"""Read segments as one: equal keys summed, sorted by month, context and day."""

from collections.abc import Collection, Iterator, Sequence

import pyarrow as pa

from usage.cube.columns import KEY, SCHEMA, SUMS
from usage.cube.duck import connect

_CHUNK = 200_000


def merged(files: Sequence[str], *, without: Collection[int] = ()) -> Iterator[pa.Table]:
    """Yield the rows of the files in chunks, a posting month at a time to bound the memory.

    Rows of the contexts in `without` are left out.
    """
    keys = ", ".join(KEY)
    sums = ", ".join(
        f"sum({name})::{'DECIMAL(38,18)' if name == 'stated_cost' else 'BIGINT'} AS {name}"
        for name in SUMS
    )
    duck = connect()
    duck.register("excluded", pa.table({"context_id": pa.array(without, pa.int32())}))
    months = duck.execute(
        "SELECT DISTINCT posting_month FROM read_parquet(?) ORDER BY 1", [list(files)]
    ).fetchall()
    for (month,) in months:
        reader = duck.sql(
            f"SELECT {keys}, {sums} FROM read_parquet(?) WHERE posting_month = ? "  # noqa: S608
            "AND context_id NOT IN (SELECT context_id FROM excluded) "
            f"GROUP BY {keys} ORDER BY context_id, day",
            params=[list(files), month],
        ).to_arrow_reader(_CHUNK)
        for batch in reader:
            yield pa.Table.from_batches([batch]).cast(SCHEMA)
    duck.close()
