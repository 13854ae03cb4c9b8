"""Circumstances → context id: a dictionary per process; new rows are committed first, alone.

A cached id is thus never of a rolled-back row, and no writer waits on another's event
transaction. Rows are inserted in the order of their digest, so writers cannot deadlock. What is
there is looked up first: an insertion that changes nothing uses up an id all the same.
"""

import uuid
from collections.abc import Iterable

from django.db import transaction

from usage.ingest.circumstances import Circumstances
from usage.ingest.identity import digest
from usage.models import Context, EndUserReference, Sku

# About a kilobyte each.
_LIMIT = 100_000
_SKU = ("provider_code", "model", "service_tier", "region")
# Who sent: a source and the name of the key, '' where there is none.
Sender = tuple[int, str]
_known: dict[tuple[Sender, Circumstances], int] = {}


def context_ids(sender: Sender, wanted: Iterable[Circumstances]) -> dict[Circumstances, int]:
    """Return the context id of each; creates the rows that are new."""
    distinct = set(wanted)
    # Another thread may empty the dictionary at any time: ask it once.
    ids = {found: _known.get((sender, found), 0) for found in distinct}
    if missing := [found for found, pk in ids.items() if not pk]:
        learned = _learn(sender, missing)
        if len(_known) > _LIMIT:
            _known.clear()
        _known.update(((sender, found), pk) for found, pk in learned.items())
        ids |= learned
    return ids


def forget() -> None:
    """Empty this process's dictionary (the rows were rolled back or the database replaced)."""
    _known.clear()


def _learn(sender: Sender, missing: list[Circumstances]) -> dict[Circumstances, int]:
    """Look up the contexts of these circumstances; create those there are none of."""
    digests = {uuid.UUID(bytes=_digest(sender, found)): found for found in missing}
    there = _ids(digests)
    if new := {key: found for key, found in digests.items() if key not in there}:
        there |= _create(sender, new)
    return {digests[key]: pk for key, pk in there.items()}


def _digest(sender: Sender, found: Circumstances) -> bytes:
    """Without the name of a key the canonical form is what it was before keys were noted."""
    source_id, name = sender
    said = found._asdict()
    return digest((source_id, said, name) if name else (source_id, said))


def _ids(digests: Iterable[uuid.UUID]) -> dict[uuid.UUID, int]:
    found = Context.objects.filter(digest__in=list(digests))
    return dict(found.values_list("digest", "pk"))


@transaction.atomic
def _create(sender: Sender, new: dict[uuid.UUID, Circumstances]) -> dict[uuid.UUID, int]:
    missing = list(new.values())
    skus = _skus({found[:4] for found in missing})
    users = _users({found.user for found in missing} - {""})
    rows = [
        Context(
            digest=key,
            source_id=sender[0],
            api_key=sender[1],
            sku_id=skus[found[:4]],
            customer_reference=found.customer,
            user_reference_id=users.get(found.user),
            feature_reference=found.feature,
            team_reference=found.team,
            environment=found.environment,
            operation=found.operation,
            outcome=found.outcome,
            unit=found.unit,
            tags=dict(found.tags),
        )
        for key, found in sorted(new.items())
    ]
    Context.objects.bulk_create(rows, ignore_conflicts=True, batch_size=2000)
    return _ids(new)


def _skus(wanted: set[tuple[str, ...]]) -> dict[tuple[str, ...], int]:
    there = _sku_ids(wanted)
    if new := wanted - there.keys():
        rows = [Sku(**dict(zip(_SKU, sku, strict=True))) for sku in sorted(new)]
        Sku.objects.bulk_create(rows, ignore_conflicts=True)
        there |= _sku_ids(new)
    return there


def _sku_ids(wanted: set[tuple[str, ...]]) -> dict[tuple[str, ...], int]:
    found = Sku.objects.filter(model__in={sku[1] for sku in wanted}).values_list(*_SKU, "pk")
    return {tuple(row[:4]): row[4] for row in found}


def _users(wanted: set[str]) -> dict[str, int]:
    digests = {uuid.UUID(bytes=digest(reference)): reference for reference in wanted}
    rows = [EndUserReference(digest=key, reference=ref) for key, ref in sorted(digests.items())]
    EndUserReference.objects.bulk_create(rows, ignore_conflicts=True, batch_size=2000)
    found = EndUserReference.objects.filter(digest__in=digests).values_list("digest", "pk")
    return {digests[key]: pk for key, pk in found}
