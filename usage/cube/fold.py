"""Fold: claim batches that are not in the cube yet, sum them, write a segment, mark them."""

from django.db import connection, transaction

from usage.attribution import attribute
from usage.cube.aggregate import aggregate
from usage.cube.compact import compact
from usage.cube.segment import write_segment
from usage.models import FoldedBatch, UsageBatch

BATCHES_AT_ONCE = 2_000
_LOCK = 0x746B6E03


def fold() -> int:
    """Fold until nothing is left; return how many batches were folded.

    Safe to run twice at once and to kill anywhere: a batch is marked in the transaction that
    registers its sums.
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
    """Fold the next batches under the fold's lock, so that no other fold claims the same ones.

    A batch is found by its missing mark, never by "id above the last one": ids are given out in
    another order than they are committed. No row is locked, since that needs the UPDATE right
    the application does not have on the ledger.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
    batches = list(UsageBatch.objects.filter(foldedbatch=None).order_by("pk")[:BATCHES_AT_ONCE])
    if not batches:
        return 0
    stored = [batch.pk for batch in batches if batch.stored]
    if stored:
        received_to = max(batch.received_at for batch in batches)
        write_segment(aggregate(batches=stored), received_to=received_to)
    FoldedBatch.objects.bulk_create([FoldedBatch(pk=batch.pk) for batch in batches])
    return len(batches)
