"""The reference of the report benchmark: DuckDB on the raw events as Parquet, joined and exact."""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from django.db import connection, transaction

from billing.margin import meaning
from billing.margin.prices import prices
from billing.margin.query import Question
from billing.revenue import plan_intervals
from tknops.calendar import Period
from usage.pricing import sku_bands
from usage.revisions import Revisions
from usage.tokens import INPUT_TOKENS, PRICED, QUANTITIES, TOKENS

_CHUNK = 200_000
_DIMENSIONS = {
    "customer": "coalesce(a.customer, '(unattributed)')",
    "feature": "coalesce(a.feature, '(unattributed)')",
    "plan": "coalesce(pl.plan, '(no plan)')",
    "model": "x.model",
    "day": "strftime(e.occurred_at, '%Y-%m-%d')",
    "month": "strftime(e.occurred_at, '%Y-%m')",
    "tag.release": "x.\"tag.release\"",
}  # fmt: skip
# Quantities no event of this ledger has are constants in the file, as in any Parquet of theirs.
_ABSENT = {
    "cache_write_1h_tokens", "input_audio_tokens", "output_audio_tokens", "input_image_tokens",
    "output_image_tokens", "units",
}  # fmt: skip


def write_events(path: Path) -> int:
    """Write every event in the order of time; returns the bytes."""
    names = ["context_id", "occurred_at", *(n for n in QUANTITIES if n not in _ABSENT)]
    schema = pa.schema(
        [("context_id", pa.int32()), ("occurred_at", pa.timestamp("us"))]
        + [(name, pa.int64()) for name in QUANTITIES]
    )
    with transaction.atomic(), connection.connection.cursor(name="raw") as rows:
        rows.itersize = _CHUNK
        rows.execute(
            f"SELECT {', '.join(names)} FROM usage_usageevent".replace(
                "occurred_at", "occurred_at AT TIME ZONE 'UTC'"
            )
        )
        with pq.ParquetWriter(path, schema, compression="zstd") as writer:
            while chunk := rows.fetchmany(_CHUNK):
                found = dict(zip(names, zip(*chunk, strict=True), strict=True))
                none = [0] * len(chunk)
                columns = [pa.array(found.get(one.name, none), one.type) for one in schema]
                writer.write_table(pa.Table.from_arrays(columns, schema=schema))
    return path.stat().st_size


class Reference:
    """A DuckDB of its own with contexts, attributions, prices and plans as native tables."""

    def __init__(self, events: Path, whole: Period) -> None:
        """Load the small tables; that is not measured."""
        self._duck = duckdb.connect(":memory:", config={"threads": 2})
        revisions = Revisions.read()
        contexts = meaning.contexts(["model", "tag.release"], revisions)
        bands = {row.sku_id: row.thresholds[0] for row in sku_bands()}
        above = pa.table({"sku_id": list(bands), "threshold": list(bands.values())})
        for name, table in (
            ("contexts", contexts),
            ("above", above),
            ("attributions", meaning.attributions(revisions)),
            ("prices", prices(contexts, revisions, Question((), {})).table),
            ("plans", meaning.plan_shares(plan_intervals(whole))),
        ):
            self._duck.register("given", table)
            self._duck.execute(f"CREATE TABLE {name} AS FROM given")
        self._duck.execute(f"CREATE VIEW events AS FROM read_parquet('{events}')")

    def ask(self, by: Sequence[str], period: Period) -> list[tuple[object, ...]]:
        """Answer: dimensions, events, tokens …, unpriced events, cost in millionths."""
        labels = "".join(f"{_DIMENSIONS[name]} AS d{i}, " for i, name in enumerate(by))
        keys = "".join(f"d{i}, " for i, _ in enumerate(by))
        plans = (
            "LEFT JOIN plans pl ON pl.customer_id = a.customer_id "
            'AND e.occurred_at >= pl.start AND e.occurred_at < pl."end"'
            if "plan" in by
            else ""
        )
        money = " + ".join(f"coalesce(g.{n}::DECIMAL(18,0) * p.p_{n}, 0)" for n in TOKENS)
        unpriced = " OR ".join(f"(e.{n} > 0 AND p.p_{n} IS NULL)" for n in PRICED)
        query = f"""
            WITH joined AS (
                SELECT {labels} p.price_id, {", ".join(f"e.{n}" for n in QUANTITIES)},
                       ({unpriced}) AS unpriced
                FROM events e JOIN contexts x ON x.context_id = e.context_id
                LEFT JOIN above b ON b.sku_id = x.sku_id
                LEFT JOIN attributions a ON a.context_id = e.context_id
                 AND e.occurred_at >= a.valid_from AND e.occurred_at < a.valid_to
                LEFT JOIN prices p ON p.sku_id = x.sku_id AND p.unit = x.sent_unit
                 AND p.band = CASE WHEN b.threshold < {" + ".join(f"e.{n}" for n in INPUT_TOKENS)}
                              THEN b.threshold ELSE 0 END
                 AND p.price_window = '' AND e.occurred_at >= p.start AND e.occurred_at < p."end"
                {plans}
                WHERE e.occurred_at >= ? AND e.occurred_at < ?
            ), grouped AS (
                SELECT {keys} price_id, count(*) AS events, count(*) FILTER (unpriced) AS unpriced,
                       {", ".join(f"sum({n}) AS {n}" for n in QUANTITIES)}
                FROM joined GROUP BY {keys} price_id
            )
            SELECT {keys} sum(g.events), {", ".join(f"sum(g.{n})" for n in QUANTITIES)},
                   sum(g.unpriced), sum({money})
            FROM grouped g LEFT JOIN prices p ON p.price_id = g.price_id
            {f"GROUP BY {keys.rstrip(', ')}" if keys else ""}
        """
        start = dt.datetime.combine(period.start, dt.time())
        end = dt.datetime.combine(period.end, dt.time())
        return self._duck.execute(query, [start, end]).fetchall()


def totals(rows: Sequence[tuple[object, ...]], by: Sequence[str]) -> tuple[object, ...]:
    """Sum an answer: events, tokens per class, unpriced events, exact cost."""
    columns = list(zip(*(row[len(by) :] for row in rows), strict=True))
    events, *tokens, unpriced, cost = (sum(column) for column in columns)
    return int(events), *(int(n) for n in tokens), int(unpriced), Decimal(cost).scaleb(-6)
