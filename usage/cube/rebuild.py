"""Make the cube again from the ledger, in one transaction; reports see the old until then."""

import datetime as dt
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from usage.attribution import attribute
from usage.cube.aggregate import Part, aggregate
from usage.cube.bands import current_bands, outdated_skus, record_all
from usage.cube.columns import SCHEMA
from usage.cube.locks import lock_all
from usage.cube.merge import merged
from usage.cube.read import cube_files
from usage.cube.segment import new_path, write_segment
from usage.cube.zone import record_zone
from usage.models import Context, CubeSegment, UnfoldedBatch, UsageBatch
from usage.pricing import Book
from usage.pricing.thresholds import SkuBands


@transaction.atomic
def rebuild() -> CubeSegment | None:
    """Sum every batch again into one segment, replacing all others."""
    lock_all()  # no fold may claim or mark a batch meanwhile; ingestion goes on
    received = dict(UsageBatch.objects.values_list("pk", "received_at"))
    bands = current_bands()
    with _temporary(aggregate(Part(batches=list(received)), bands=bands)) as fresh:
        newest = max(received.values(), default=None)
        segment = _replace_all(merged([fresh]) if fresh else (), newest)
    record_all(bands)
    record_zone()
    attribute(reason="cube rebuilt")
    # What was received meanwhile still waits for a fold.
    waiting = UnfoldedBatch.objects.values_list("pk", flat=True)
    UnfoldedBatch.objects.filter(pk__in=received.keys() & set(waiting)).delete()
    return segment


@transaction.atomic
def refold() -> list[int]:
    """Fold the SKUs again whose price thresholds or windows changed; returns their ids."""
    if not outdated_skus(current_bands()):
        return []
    lock_all()
    bands = current_bands()
    skus = outdated_skus(bands)
    folded = UsageBatch.objects.filter(unfoldedbatch=None)
    newest = folded.aggregate(at=Max("received_at"))["at"]
    with _recut(skus, bands) as files:
        _replace_all(merged(files), newest)
    record_all(bands)
    return skus


@contextmanager
def cut_for(book: Book) -> Iterator[tuple[str, ...] | None]:
    """Hold files of the cube as a refold for this price book would make it; None: as it is.

    Call within one snapshot; the files are gone afterwards.
    """
    bands = current_bands(book)
    skus = outdated_skus(bands)
    if not skus:
        yield None
        return
    with _recut(skus, bands) as files:
        yield tuple(files)


@contextmanager
def _recut(skus: list[int], bands: list[SkuBands]) -> Iterator[list[str]]:
    """Hold the cube in files with these SKUs cut by these bands."""
    contexts = list(Context.objects.filter(sku_id__in=skus).values_list("pk", flat=True))
    with _temporary(aggregate(Part(skus=skus, only_folded=True), bands=bands)) as fresh:
        files = cube_files()
        kept = merged(files, without=contexts) if files else ()
        with _temporary(kept) as old:
            yield [path for path in (old, fresh) if path]


def _replace_all(tables: Iterable[pa.Table], newest: dt.datetime | None) -> CubeSegment | None:
    """Write the one segment there is from now on; `newest`: received last, None if nothing was."""
    CubeSegment.objects.filter(replaced_at=None).update(replaced_at=timezone.now())
    return write_segment(tables, received_to=newest) if newest else None


@contextmanager
def _temporary(tables: Iterable[pa.Table]) -> Iterator[str | None]:
    """Hold rows in a file that no segment lists; yields its path, None if there are no rows."""
    path = new_path()
    writer = None
    try:
        for table in tables:
            writer = writer or pq.ParquetWriter(path, SCHEMA, compression="zstd")
            writer.write_table(table)
        if writer:
            writer.close()
        yield str(path) if writer else None
    finally:
        Path(path).unlink(missing_ok=True)
