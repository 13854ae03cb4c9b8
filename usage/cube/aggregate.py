"""Sum ledger rows to cube rows in PostgreSQL."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time
from itertools import islice

import pyarrow as pa
from django.conf import settings
from django.db import connection, transaction
from psycopg import sql

from tknops.calendar import Period
from usage.cube.columns import SCHEMA
from usage.pricing.thresholds import SkuBands
from usage.tokens import INPUT_TOKENS, PRICED, QUANTITIES

_CHUNK = 50_000
# Summed at a time, so that the server's hash table fits into memory.
_BATCHES = 500


def _columns(names: Iterable[str], template: str, glue: str) -> sql.Composed:
    parts = [sql.SQL(template).format(sql.Identifier("e", name)) for name in names]
    return sql.SQL(glue).join(parts)


@dataclass(frozen=True, slots=True)
class Part:
    """Which part of the ledger to sum: all conditions given hold; none given is the whole."""

    batches: list[int] | None = None
    skus: list[int] | None = None
    utc_days: Period | None = None
    only_folded: bool = False


def aggregate(part: Part, *, bands: Sequence[SkuBands]) -> Iterator[pa.Table]:
    """Yield the daily sums of a part of the ledger in chunks, cut by these bands.

    Raw SQL: group by over a COPY-written ledger with per-SKU bands from an unnested array.
    Uses index: usage_event_batch_brin, usage_event_occurred_brin, else one sequential scan.
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
                columns = list(zip(*chunk, strict=True))
                arrays = [
                    pa.array(column, type=field.type)
                    for column, field in zip(columns, SCHEMA, strict=True)
                ]
                yield pa.Table.from_arrays(arrays, schema=SCHEMA)


def _query(part: Part) -> sql.Composed:
    classes = sql.SQL(" + ").join(
        sql.SQL("CASE WHEN {} > 0 THEN {} ELSE 0 END").format(
            sql.Identifier("e", name), sql.Literal(1 << bit)
        )
        for bit, name in enumerate(PRICED)
    )
    day = "(e.occurred_at AT TIME ZONE %(zone)s)::date"
    return sql.SQL(
        """
        SELECT {day}, (e.occurred_at AT TIME ZONE 'UTC')::date,
               coalesce(m.posting_month, date_trunc('month', {day})::date), e.context_id,
               coalesce(b.band, 0), coalesce(w.price_window, ''), ({classes})::smallint,
               coalesce(e.stated_currency, ''),
               count(*) FILTER (WHERE e.line = 0), count(*), {sums},
               sum(e.stated_cost), count(e.stated_cost)
        FROM usage_usageevent e
        JOIN usage_context c ON c.id = e.context_id
        LEFT JOIN usage_usagebatchmonth m ON m.batch_id = e.batch_id
         AND m.usage_month = date_trunc('month', {day})::date
        LEFT JOIN LATERAL (
            SELECT max(t.threshold) AS band
            FROM unnest(%(band_skus)s::bigint[], %(bands)s::bigint[]) AS t(sku_id, threshold)
            WHERE t.sku_id = c.sku_id AND t.threshold < {total_input}
        ) b ON c.sku_id = ANY(%(band_skus)s)
        LEFT JOIN LATERAL (
            SELECT min(t.price_window) AS price_window
            FROM unnest(%(window_skus)s::bigint[], %(windows)s::text[]) AS t(sku_id, price_window)
            WHERE t.sku_id = c.sku_id AND {in_window}
        ) w ON c.sku_id = ANY(%(window_skus)s)
        {where}
        GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
        """
    ).format(
        day=sql.SQL(day),
        classes=classes,
        sums=_columns(QUANTITIES, "sum({})::bigint", ", "),
        total_input=_columns(INPUT_TOKENS, "{}", " + "),
        in_window=sql.SQL(_IN_WINDOW),
        where=sql.SQL(f"WHERE {' AND '.join(_conditions(part))}"),
    )


def _conditions(part: Part) -> Iterator[str]:
    yield "true"
    if part.batches is not None:
        yield "e.batch_id = ANY(%(batches)s)"
    if part.skus is not None:
        yield "c.sku_id = ANY(%(skus)s)"
    if part.utc_days is not None:
        yield "e.occurred_at >= %(start)s AND e.occurred_at < %(end)s"
    if part.only_folded:
        yield "EXISTS (SELECT FROM usage_foldedbatch f WHERE f.batch_id = e.batch_id)"


# HH:MM-HH:MM of a UTC day, half-open; an end before the start runs over midnight.
_IN_WINDOW = """
    CASE WHEN left(t.price_window, 5) <= right(t.price_window, 5)
         THEN to_char(e.occurred_at AT TIME ZONE 'UTC', 'HH24:MI') >= left(t.price_window, 5)
          AND to_char(e.occurred_at AT TIME ZONE 'UTC', 'HH24:MI') < right(t.price_window, 5)
         ELSE to_char(e.occurred_at AT TIME ZONE 'UTC', 'HH24:MI') >= left(t.price_window, 5)
           OR to_char(e.occurred_at AT TIME ZONE 'UTC', 'HH24:MI') < right(t.price_window, 5)
    END
"""


def _parameters(part: Part, special: Sequence[SkuBands]) -> dict[str, object]:
    bands = [(row.sku_id, threshold) for row in special for threshold in row.thresholds]
    windows = [(row.sku_id, window) for row in special for window in row.windows]
    days = part.utc_days
    return {
        "zone": str(settings.REPORTING_ZONE),
        "batches": part.batches,
        "skus": part.skus,
        "start": datetime.combine(days.start, time(), UTC) if days else None,
        "end": datetime.combine(days.end, time(), UTC) if days else None,
        "band_skus": [sku for sku, _ in bands],
        "bands": [threshold for _, threshold in bands],
        "window_skus": [sku for sku, _ in windows],
        "windows": [window for _, window in windows],
    }
