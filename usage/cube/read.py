"""Which files answer a report, and up to when usage was received."""

import datetime as dt
import sys
from collections.abc import Collection, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from django.conf import settings
from django.db.models import F, Max, Min

from tknops.calendar import Period
from usage.cube.columns import SCHEMA, SUMS
from usage.cube.duck import connect
from usage.models import CubeSegment, UsageBatchMonth
from usage.tokens import QUANTITIES


def cube_files(*, period: Period | None = None) -> list[str]:
    """Paths of the segments that may hold days of the period.

    Answers are remembered under them, so equal paths are one object.
    """
    segments = CubeSegment.objects.filter(replaced_at=None)
    if period:
        segments = segments.filter(first_day__lt=period.end, last_day__gte=period.start)
    names = segments.order_by("pk").values_list("path", flat=True)
    return [sys.intern(str(settings.CUBE_DIR / name)) for name in names]


def covered() -> Period | None:
    """Return the days the cube may hold usage of; None if there is none."""
    found = CubeSegment.objects.filter(replaced_at=None).aggregate(
        first=Min("first_day"), last=Max("last_day")
    )
    if found["first"] is None:
        return None
    return Period(found["first"], found["last"] + dt.timedelta(days=1))


def late_months() -> list[tuple[dt.date, dt.date]]:
    """List usage months with the later month some usage of them is posted in.

    Uses index: usage_batchmonth_late.
    """
    late = UsageBatchMonth.objects.filter(posting_month__gt=F("usage_month"))
    months = late.order_by("posting_month", "usage_month")
    return list(months.values_list("usage_month", "posting_month").distinct())


def received_to() -> datetime | None:
    """Tell when the latest usage in the cube was received; None if there is none."""
    latest = CubeSegment.objects.filter(replaced_at=None).aggregate(at=Max("received_to"))
    found: datetime | None = latest["at"]
    return found


def register_cube(duck: Any, files: Sequence[str] | pa.Table) -> set[str]:
    """Make the view `cube` of these segments; return the quantities that are 0 in every row.

    The columns of those are not read. Rows of the same columns may stand for the segments.
    """
    if isinstance(files, pa.Table):
        duck.register("cube", files)
        return set()
    if not files:
        duck.register("cube", SCHEMA.empty_table())
        return set()
    absent = set(SUMS).intersection(*(_absent(path) for path in files))
    columns = [
        f"{'NULL::DECIMAL(38,18)' if name == 'stated_cost' else '0::BIGINT'} AS {name}"
        if name in absent
        else name
        for name in SCHEMA.names
    ]
    listed = ", ".join(f"'{path}'" for path in (f.replace("'", "''") for f in files))
    duck.execute(
        f"CREATE OR REPLACE TEMP VIEW cube AS SELECT {', '.join(columns)} "  # noqa: S608
        f"FROM read_parquet([{listed}])"
    )
    return absent.intersection(QUANTITIES)


def stated_currencies(files: Sequence[str] | pa.Table) -> set[str]:
    """Name the currencies providers stated costs in."""
    if isinstance(files, pa.Table):
        found = set(files["stated_currency"].unique().to_pylist())
    else:
        found = set().union(*(_stated(path) for path in files))
    return found - {""}


@lru_cache(maxsize=1024)
def _stated(path: str) -> frozenset[str]:
    """Name those of a segment: it never changes, so its column is read once."""
    table = pq.read_table(path, columns=["stated_currency"])
    return frozenset(table["stated_currency"].unique().to_pylist())


def events_of(contexts: Collection[int]) -> int:
    """Count the events of contexts on all days."""
    files = cube_files()
    if not files or not contexts:
        return 0
    duck = connect()
    try:
        register_cube(duck, files)
        duck.register("wanted", pa.table({"context_id": pa.array(sorted(contexts), pa.int32())}))
        query = (
            "SELECT coalesce(sum(events), 0)::BIGINT FROM cube SEMI JOIN wanted USING (context_id)"
        )
        (count,) = duck.execute(query).fetchall()[0]
    finally:
        duck.close()
    return int(count)


def contexts_of(files: Sequence[str]) -> pa.Array:
    """Return the contexts these segments hold usage of, each once."""
    tables = [pq.read_table(path, columns=["context_id"]) for path in files]
    return pa.concat_tables(tables)["context_id"].unique()


@lru_cache(maxsize=1024)
def rows_of(path: str) -> int:
    """Return how many rows a segment has."""
    return int(pq.read_metadata(path).num_rows)


@lru_cache(maxsize=1024)
def _absent(path: str) -> frozenset[str]:
    """Name the sums that are 0 (or null) in every row, by the file's statistics."""
    metadata = pq.read_metadata(path)
    present: set[str] = set()
    for group in range(metadata.num_row_groups):
        for index in range(metadata.num_columns):
            column = metadata.row_group(group).column(index)
            if not _empty(column):
                present.add(column.path_in_schema)
    return frozenset(set(SUMS) - present)


def _empty(column: Any) -> bool:
    found = column.statistics
    if found is None:
        return False
    if found.null_count == column.num_values:
        return True
    zero = found.has_min_max and found.min == 0 and found.max == 0
    return bool(zero and found.null_count == 0)
