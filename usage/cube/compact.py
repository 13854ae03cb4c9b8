"""Compaction: merge many small segments into one per run, keep the old files for a grace time."""

import datetime as dt

import pyarrow as pa
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from usage.cube.columns import KEY, SCHEMA, SUMS
from usage.cube.duck import connect
from usage.cube.segment import write_segment
from usage.models import CubeSegment

SMALL_SEGMENTS = 16
GRACE = dt.timedelta(minutes=15)
_LOCK = 0x746B6E02


@transaction.atomic
def compact() -> int:
    """Merge the segments of a size class once there are enough; return how many were merged.

    Classes grow fourfold, so each row is rewritten a logarithmic number of times.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK])
        if cursor.fetchone() == (False,):
            return 0
    _delete_replaced()
    classes: dict[int, list[CubeSegment]] = {}
    for segment in CubeSegment.objects.filter(replaced_at=None).order_by("pk"):
        classes.setdefault(segment.rows.bit_length() // 4, []).append(segment)
    merged = [group for group in classes.values() if len(group) >= SMALL_SEGMENTS]
    for group in merged:
        merge(group)
    return sum(len(group) for group in merged)


def merge(segments: list[CubeSegment]) -> CubeSegment | None:
    """Replace segments by one with the same sums, sorted by month, context and day."""
    files = [str(settings.CUBE_DIR / segment.path) for segment in segments]
    keys = ", ".join(KEY)
    sums = ", ".join(
        f"sum({name})::{'DECIMAL(38,18)' if name == 'stated_cost' else 'BIGINT'} AS {name}"
        for name in SUMS
    )
    reader = (
        connect()
        .sql(
            f"SELECT {keys}, {sums} FROM read_parquet(?) GROUP BY {keys} "  # noqa: S608
            "ORDER BY posting_month, context_id, day",
            params=[files],
        )
        .to_arrow_reader(200_000)
    )
    tables = (pa.Table.from_batches([batch]).cast(SCHEMA) for batch in reader or ())
    replacement = write_segment(tables, received_to=max(s.received_to for s in segments))
    CubeSegment.objects.filter(pk__in=[s.pk for s in segments]).update(replaced_at=timezone.now())
    return replacement


def _delete_replaced() -> None:
    """Delete files no running report can still read."""
    for segment in CubeSegment.objects.filter(replaced_at__lt=timezone.now() - GRACE):
        (settings.CUBE_DIR / segment.path).unlink(missing_ok=True)
        segment.delete()
