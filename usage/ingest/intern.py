"""Circumstances → context id: a dictionary per process; new rows are committed first, alone.

A cached id is thus never of a rolled-back row, and no writer waits on another's event
transaction. Rows are inserted in the order of their digest, so writers cannot deadlock.
"""

import uuid
from collections.abc import Iterable

from django.db import transaction

from usage.ingest.circumstances import Circumstances
from usage.ingest.identity import digest
from usage.models import Context, EndUserReference, Sku

_LIMIT = 500_000
_known: dict[tuple[int, Circumstances], int] = {}


def context_ids(source_id: int, wanted: Iterable[Circumstances]) -> dict[Circumstances, int]:
    """Return the context id of each; creates the rows that are new."""
    distinct = set(wanted)
    # Taken out first: another thread may empty the dictionary at any time.
    known = {found: pk for found in distinct if (pk := _known.get((source_id, found))) is not None}
    if missing := distinct - known.keys():
        created = _create(source_id, missing)
        if len(_known) > _LIMIT:
            _known.clear()
        _known.update({(source_id, found): pk for found, pk in created.items()})
        known |= created
    return known


def forget() -> None:
    """Empty this process's dictionary (the rows were rolled back or the database replaced)."""
    _known.clear()


@transaction.atomic
def _create(source_id: int, missing: set[Circumstances]) -> dict[Circumstances, int]:
    skus = _skus({found[:4] for found in missing})
    users = _users({found.user for found in missing} - {""})
    digests = {uuid.UUID(bytes=digest((source_id, found._asdict()))): found for found in missing}
    rows = [
        Context(
            digest=key,
            source_id=source_id,
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
        for key, found in sorted(digests.items())
    ]
    Context.objects.bulk_create(rows, ignore_conflicts=True, batch_size=2000)
    stored = Context.objects.filter(digest__in=digests).values_list("digest", "pk")
    return {digests[key]: pk for key, pk in stored}


def _skus(wanted: set[tuple[str, ...]]) -> dict[tuple[str, ...], int]:
    names = ("provider_code", "model", "service_tier", "region")
    rows = [Sku(**dict(zip(names, sku, strict=True))) for sku in sorted(wanted)]
    Sku.objects.bulk_create(rows, ignore_conflicts=True)
    found = Sku.objects.filter(model__in={sku[1] for sku in wanted}).values_list(*names, "pk")
    return {tuple(row[:4]): row[4] for row in found}


def _users(wanted: set[str]) -> dict[str, int]:
    digests = {uuid.UUID(bytes=digest(reference)): reference for reference in wanted}
    rows = [EndUserReference(digest=key, reference=ref) for key, ref in sorted(digests.items())]
    EndUserReference.objects.bulk_create(rows, ignore_conflicts=True, batch_size=2000)
    found = EndUserReference.objects.filter(digest__in=digests).values_list("digest", "pk")
    return {digests[key]: pk for key, pk in found}
