"""Recompute the cube from the ledger and compare every sum of every key."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

import pyarrow as pa
from django.db import connection, transaction

from tknops.calendar import Period
from usage.cube.aggregate import Part, aggregate
from usage.cube.bands import current_bands
from usage.cube.columns import KEY, SCHEMA, SUMS
from usage.cube.duck import connect
from usage.cube.locks import lock_all
from usage.cube.read import cube_files


@dataclass(frozen=True, slots=True)
class Difference:
    """A cube row whose sums are not those of the ledger (None: missing on that side)."""

    key: tuple[object, ...]
    cube: tuple[object, ...]
    ledger: tuple[object, ...]


@transaction.atomic
def verify(limit: int = 100) -> list[Difference]:
    """Return the rows that differ, at most `limit`; empty means cube = ledger.

    Compares a UTC week at a time, so that the memory needed does not grow with the ledger.
    """
    lock_all()  # both sides must be of one moment: no segment or mark may be added in between
    bands = current_bands()
    files = cube_files()
    found: list[Difference] = []
    for week in _weeks(files):
        if len(found) < limit:
            ledger = aggregate(Part(utc_days=week, only_folded=True), bands=bands)
            tables = pa.concat_tables([SCHEMA.empty_table(), *ledger])
            found += _differences(files, tables, week, limit - len(found))
    return found


def _weeks(files: list[str]) -> Iterator[Period]:
    """List the UTC weeks either side has; the ledger's also beyond the cube's days."""
    with connection.cursor() as cursor:
        # Uses index: none, one sequential scan; a minimum by BRIN does not exist.
        cursor.execute(
            "SELECT min(occurred_at AT TIME ZONE 'UTC')::date, "
            "max(occurred_at AT TIME ZONE 'UTC')::date FROM usage_usageevent"
        )
        days = [day for day in cursor.fetchone() or () if day]
    if files:
        query = "SELECT min(utc_day), max(utc_day) FROM read_parquet(?)"
        days += connect().execute(query, [files]).fetchone() or ()
    if days:
        yield from Period(min(days), max(days) + dt.timedelta(days=1)).cut("week")


def _differences(files: list[str], ledger: pa.Table, week: Period, limit: int) -> list[Difference]:
    duck = connect()
    duck.register("ledger", ledger)
    if files:
        duck.execute(f"CREATE TEMP VIEW cube AS FROM read_parquet({files!r})")
    else:
        duck.register("cube", SCHEMA.empty_table())
    rows = duck.execute(_query(), [week.start, week.end, limit]).fetchall()
    duck.close()
    width, sums = len(KEY), len(SUMS)
    return [Difference(row[:width], row[width : width + sums], row[width + sums :]) for row in rows]


def _query() -> str:
    keys = ", ".join(KEY)
    sums = ", ".join(f"sum({name}) AS {name}" for name in SUMS)
    equal = " AND ".join(f"c.{name} IS NOT DISTINCT FROM l.{name}" for name in SUMS)
    both = ", ".join([f"c.{name}" for name in SUMS] + [f"l.{name}" for name in SUMS])
    return f"""
        WITH c AS (
            SELECT {keys}, {sums} FROM cube WHERE utc_day >= ? AND utc_day < ? GROUP BY {keys}
        ), l AS (SELECT {keys}, {sums} FROM ledger GROUP BY {keys})
        SELECT {keys}, {both} FROM c FULL JOIN l USING ({keys})
        WHERE NOT ({equal}) LIMIT ?
    """  # noqa: S608 - names from the column list only
