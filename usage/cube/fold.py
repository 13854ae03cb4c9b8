"""Fold: claim batches that are not in the cube yet, sum them, write a segment, unmark them."""

from collections.abc import Iterable, Iterator

import pyarrow as pa
from django.db import transaction
from django.db.models import Max

from usage.attribution import attribute, attribute_if_changed
from usage.cube.aggregate import Part, aggregate
from usage.cube.bands import current_bands, record_new
from usage.cube.compact import compact
from usage.cube.locks import lock_folding
from usage.cube.rebuild import rebuild, refold
from usage.cube.segment import write_segment
from usage.cube.zone import record_zone, zone_changed
from usage.models import Attribution, AttributionRun, UnfoldedBatch, UsageBatch
from usage.revisions import prune

BATCHES_AT_ONCE = 2_000


def fold() -> int:
    """Fold until nothing is left; return how many batches were folded.

    Safe to run twice at once and to kill anywhere: a batch loses its mark in the transaction that
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

    A batch is found by its mark, never by "id above the last one": ids are given out in another
    order than they are committed.
    """
    lock_folding()
    waiting = UnfoldedBatch.objects.order_by("pk").values_list("pk", flat=True)
    batches = list(waiting[:BATCHES_AT_ONCE])
    if not batches:
        return 0
    # Apart: joined, the planner may read all batches there ever were to meet these.
    newest = UsageBatch.objects.filter(pk__in=batches).aggregate(at=Max("received_at"))["at"]
    # Read after the batches: then all their SKUs are there.
    bands = current_bands()
    record_new(bands)
    record_zone()
    contexts: set[int] = set()
    tables = _noting(contexts, aggregate(Part(batches=batches), bands=bands))
    write_segment(tables, received_to=newest)
    _attribute_new(contexts)
    UnfoldedBatch.objects.filter(pk__in=batches).delete()
    return len(batches)


def _attribute_new(contexts: set[int]) -> None:
    """Derive what has no attribution yet; that names changed for the others is found apart."""
    known = Attribution.objects.filter(context_id__in=contexts, superseded_by=None)
    new = contexts.difference(known.values_list("context_id", flat=True))
    if new:
        attribute(reason="new usage", contexts=new, kind=AttributionRun.Kind.USAGE)


def _noting(contexts: set[int], tables: Iterable[pa.Table]) -> Iterator[pa.Table]:
    """Pass tables on and note the contexts in them."""
    for table in tables:
        contexts.update(table["context_id"].unique().to_pylist())
        yield table
