"""Sum ledger rows to cube rows in PostgreSQL."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time
from itertools import islice

import pyarrow as pa
from django.db import connection, transaction
from psycopg import sql

from tknops.calendar import Period
from usage.cube.columns import SCHEMA
from usage.cube.ledger import FOLDED, columns, cuts, instants, key, source
from usage.pricing.thresholds import SkuBands
from usage.tokens import QUANTITIES

_CHUNK = 50_000
# Summed at a time, so that the server's hash table fits into memory.
_BATCHES = 500
_OF_BATCHES = "{}.batch_id = ANY(%(batches)s)"


@dataclass(frozen=True, slots=True)
class Part:
    """Which part of the ledger to sum: all conditions given hold; none given is the whole."""

    batches: list[int] | None = None
    skus: list[int] | None = None
    contexts: list[int] | None = None
    utc_days: Period | None = None
    days: Period | None = None
    only_folded: bool = False


def aggregate(part: Part, *, bands: Sequence[SkuBands]) -> Iterator[pa.Table]:
    """Yield the daily sums of a part of the ledger in chunks, cut by these bands.

    Raw SQL: group by over a COPY-written ledger with per-SKU bands from an unnested array.
    Uses index: usage_event_batch, usage_event_occurred_brin, else one sequential scan.
    """
    if part.batches is None:
        yield from _sums(part, bands)
        return
    ordered = iter(sorted(part.batches))
    while batches := list(islice(ordered, _BATCHES)):
        yield from _sums(replace(part, batches=batches), bands)


def _sums(part: Part, bands: Sequence[SkuBands]) -> Iterator[pa.Table]:
    with transaction.atomic(), connection.cursor() as cursor:
        # All rows are read: a plan for the first ones only would join by nested loops.
        cursor.execute("SET LOCAL work_mem = '128MB'")
        cursor.execute("SET LOCAL cursor_tuple_fraction = 1")
        raw = connection.connection
        with raw.cursor(name="cube_aggregate") as rows:
            rows.itersize = _CHUNK
            rows.execute(_query(part), _parameters(part, bands))
            while chunk := rows.fetchmany(_CHUNK):
                values = list(zip(*chunk, strict=True))
                arrays = [
                    pa.array(column, type=field.type)
                    for column, field in zip(values, SCHEMA, strict=True)
                ]
                yield pa.Table.from_arrays(arrays, schema=SCHEMA)


def _query(part: Part) -> sql.Composed:
    return sql.SQL(
        """
        SELECT {key}, count(*) FILTER (WHERE e.line = 0), count(*), {sums},
               sum(e.stated_cost), count(e.stated_cost)
        {source} {where}
        GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
        """
    ).format(
        key=key(),
        sums=columns(QUANTITIES, "sum({})::bigint"),
        source=source(months=_OF_BATCHES.format("m") if part.batches is not None else "TRUE"),
        where=sql.SQL(f"WHERE {' AND '.join(_conditions(part))}"),
    )


def _conditions(part: Part) -> Iterator[str]:
    asked = {
        "true": True,
        _OF_BATCHES.format("e"): part.batches is not None,
        "c.sku_id = ANY(%(skus)s)": part.skus is not None,
        "e.context_id = ANY(%(contexts)s)": part.contexts is not None,
        "e.occurred_at >= %(utc_start)s AND e.occurred_at < %(utc_end)s": part.utc_days is not None,
        "e.occurred_at >= %(start)s AND e.occurred_at < %(end)s": part.days is not None,
        FOLDED: part.only_folded,
    }
    return (condition for condition, wanted in asked.items() if wanted)


def _parameters(part: Part, special: Sequence[SkuBands]) -> dict[str, object]:
    start, end = instants(part.days) if part.days else (None, None)
    utc = part.utc_days
    return {
        **cuts(special),
        "batches": part.batches,
        "skus": part.skus,
        "contexts": part.contexts,
        "utc_start": datetime.combine(utc.start, time(), UTC) if utc else None,
        "utc_end": datetime.combine(utc.end, time(), UTC) if utc else None,
        "start": start,
        "end": end,
    }
