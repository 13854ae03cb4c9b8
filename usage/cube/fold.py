"""Fold: claim batches that are not in the cube yet, sum them, write a segment, mark them."""

from django.db import transaction

from usage.attribution import attribute
from usage.cube.aggregate import aggregate
from usage.cube.compact import compact
from usage.cube.segment import write_segment
from usage.models import CubeSegment, FoldedBatch, UsageBatch

BATCHES_AT_ONCE = 2_000


def fold() -> int:
    """Fold until nothing is left; return how many batches were folded.

    Safe to run twice at once and to kill anywhere: a batch is marked in the transaction that
    registers its sums, and a claim on the batch rows is held until that commit.
    """
    folded = 0
    while claimed := _fold_some():
        folded += claimed
    if folded:
        attribute(reason="new usage")
        compact()
    return folded


@transaction.atomic
def _fold_some() -> int:
    batches = list(
        UsageBatch.objects.filter(foldedbatch=None)
        .order_by("pk")
        .select_for_update(skip_locked=True, of=("self",), no_key=True)[:BATCHES_AT_ONCE]
    )
    if not batches:
        return 0
    # Rows whose claim was waited for may have been folded meanwhile by the one that held it.
    claimed = {batch.pk for batch in batches}
    done = FoldedBatch.objects.filter(pk__in=claimed).values_list("pk", flat=True)
    claimed -= set(done)
    stored = [batch.pk for batch in batches if batch.stored and batch.pk in claimed]
    if stored:
        received_to = max(batch.received_at for batch in batches)
        write_segment(aggregate(batches=stored), received_to=received_to)
    FoldedBatch.objects.bulk_create([FoldedBatch(pk=pk) for pk in sorted(claimed)])
    return len(batches)


def live_segments() -> list[CubeSegment]:
    """Return the segments a report reads, in order."""
    return list(CubeSegment.objects.filter(replaced_at=None).order_by("pk"))
