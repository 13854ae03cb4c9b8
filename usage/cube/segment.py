"""Write one immutable Parquet file durably and register it."""

import hashlib
import os
import uuid
from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from django.conf import settings

from usage.cube.columns import SCHEMA
from usage.models import CubeSegment


def write_segment(tables: Iterable[pa.Table], *, received_to: datetime) -> CubeSegment | None:
    """Write, fsync and register a segment inside the caller's transaction; None if no rows.

    A crash before the commit leaves at most a file that no row lists.
    """
    path = new_path()
    rows = events = 0
    days: list[tuple[date, date]] = []
    writer = None
    for table in tables:
        writer = writer or pq.ParquetWriter(path, SCHEMA, compression="zstd")
        writer.write_table(table)
        rows += table.num_rows
        events += pc.sum(table["events"]).as_py()
        limits = pc.min_max(table["day"]).as_py()
        days.append((limits["min"], limits["max"]))
    if writer is None:
        return None
    writer.close()
    _sync(path)
    _sync(path.parent)
    return CubeSegment.objects.create(
        path=path.name,
        first_day=min(first for first, _ in days),
        last_day=max(last for _, last in days),
        rows=rows,
        events=events,
        size=path.stat().st_size,
        sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
        received_to=received_to,
    )


def new_path() -> Path:
    """Name a new file in the cube's folder."""
    folder: Path = settings.CUBE_DIR
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{uuid.uuid4().hex}.parquet"


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
