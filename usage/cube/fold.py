"""Fold: claim batches that are not in the cube yet, sum them, write a segment, mark them."""

from collections.abc import Iterable, Iterator

import pyarrow as pa
from django.db import transaction

from usage.attribution import attribute, attribute_if_changed
from usage.cube.aggregate import Part, aggregate
from usage.cube.bands import current_bands, record_new
from usage.cube.compact import compact
from usage.cube.locks import lock_folding
from usage.cube.rebuild import rebuild, refold
from usage.cube.segment import write_segment
from usage.cube.zone import record_zone, zone_changed
from usage.models import AttributionRun, FoldedBatch, UsageBatch
from usage.revisions import prune

BATCHES_AT_ONCE = 2_000


def fold() -> int:
    """Fold until nothing is left; return how many batches were folded.

    Safe to run twice at once and to kill anywhere: a batch is marked in the transaction that
    registers its sums. What a changed name, threshold or zone means for older usage is caught up
    too.
    """
    if zone_changed():
        rebuild()
    refold()
    folded = 0
    while claimed := _fold_some():
        folded += claimed
    attribute_if_changed(reason="customers or names changed")
    prune()
    if folded:
        compact()
    return folded


@transaction.atomic
def _fold_some() -> int:
    """Fold the next batches under the fold's lock, so that no other fold claims the same ones.

    A batch is found by its missing mark, never by "id above the last one": ids are given out in
    another order than they are committed. No row is locked, since that needs the UPDATE right
    the application does not have on the ledger.
    """
    lock_folding()
    batches = list(UsageBatch.objects.filter(foldedbatch=None).order_by("pk")[:BATCHES_AT_ONCE])
    if not batches:
        return 0
    stored = [batch.pk for batch in batches if batch.stored]
    if stored:
        # Read after the batches: then all their SKUs are there.
        bands = current_bands()
        record_new(bands)
        record_zone()
        contexts: set[int] = set()
        tables = _noting(contexts, aggregate(Part(batches=stored), bands=bands))
        write_segment(tables, received_to=max(batch.received_at for batch in batches))
        attribute(reason="new usage", contexts=contexts, kind=AttributionRun.Kind.USAGE)
    FoldedBatch.objects.bulk_create([FoldedBatch(pk=batch.pk) for batch in batches])
    return len(batches)


def _noting(contexts: set[int], tables: Iterable[pa.Table]) -> Iterator[pa.Table]:
    """Pass tables on and note the contexts in them."""
    for table in tables:
        contexts.update(table["context_id"].unique().to_pylist())
        yield table
