"""Compaction: merge many small segments into one per run, keep the old files for a grace time."""

import datetime as dt

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from usage.cube.locks import try_lock_compaction
from usage.cube.merge import merged
from usage.cube.segment import write_segment
from usage.models import CubeSegment

SMALL_SEGMENTS = 16
GRACE = dt.timedelta(minutes=15)


@transaction.atomic
def compact() -> int:
    """Merge the segments of a size class once there are enough; return how many were merged.

    Classes grow fourfold, so each row is rewritten a logarithmic number of times.
    """
    if not try_lock_compaction():
        return 0
    _delete_replaced()
    classes: dict[int, list[CubeSegment]] = {}
    for segment in CubeSegment.objects.filter(replaced_at=None).order_by("pk"):
        classes.setdefault(segment.rows.bit_length() // 4, []).append(segment)
    groups = [group for group in classes.values() if len(group) >= SMALL_SEGMENTS]
    for group in groups:
        _merge(group)
    return sum(len(group) for group in groups)


def _merge(segments: list[CubeSegment]) -> None:
    """Replace segments by one with the same sums."""
    files = [str(settings.CUBE_DIR / segment.path) for segment in segments]
    write_segment(merged(files), received_to=max(s.received_to for s in segments))
    CubeSegment.objects.filter(pk__in=[s.pk for s in segments]).update(replaced_at=timezone.now())


def _delete_replaced() -> None:
    """Delete files no running report can still read."""
    for segment in CubeSegment.objects.filter(replaced_at__lt=timezone.now() - GRACE):
        (settings.CUBE_DIR / segment.path).unlink(missing_ok=True)
        segment.delete()
