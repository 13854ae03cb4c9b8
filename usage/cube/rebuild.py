"""Rebuild the whole cube from the ledger, in one transaction; reports see the old until then."""

from django.db import connection, transaction
from django.db.models import Max
from django.utils import timezone

from usage.cube.aggregate import aggregate
from usage.cube.segment import write_segment
from usage.models import CubeSegment, FoldedBatch, UsageBatch


@transaction.atomic
def rebuild() -> CubeSegment | None:
    """Sum every batch again into one segment, replacing all others."""
    with connection.cursor() as cursor:
        # No fold may claim or mark a batch meanwhile; ingestion goes on.
        cursor.execute("LOCK TABLE usage_foldedbatch IN EXCLUSIVE MODE")
    batches = list(UsageBatch.objects.order_by("pk").values_list("pk", flat=True))
    newest = UsageBatch.objects.filter(pk__in=batches).aggregate(at=Max("received_at"))["at"]
    CubeSegment.objects.filter(replaced_at=None).update(replaced_at=timezone.now())
    segment = write_segment(aggregate(batches=batches), received_to=newest) if batches else None
    folded = set(FoldedBatch.objects.values_list("pk", flat=True))
    FoldedBatch.objects.bulk_create(
        [FoldedBatch(pk=pk) for pk in batches if pk not in folded], batch_size=5000
    )
    return segment
