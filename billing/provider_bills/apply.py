"""Count a staged bill, all of it or nothing, and take it out again as a unit."""

import datetime as dt

from django.db import transaction

from billing.importers.errors import ImportRefusedError, RowError
from billing.models import ProviderImport
from billing.provider_bills.conflicts import known_files, overlaps
from billing.provider_bills.receive import drop_kept


@transaction.atomic
def apply_bill(*, made: ProviderImport, now: dt.datetime) -> ProviderImport:
    """Let the lines of an import count; a second call changes nothing.

    Raises ImportRefusedError if it has errors, is undone, or tells what is there already.
    """
    made = _locked(made)
    if made.state == ProviderImport.State.APPLIED:
        return made
    if made.state != ProviderImport.State.STAGED:
        raise ImportRefusedError([RowError(1, f"it is {made.get_state_display()}; send it again")])
    hashes = [file["sha256"] for file in made.files]
    if sentences := [*known_files(hashes, but=made.pk), *overlaps(made)]:
        raise ImportRefusedError([RowError(1, sentence) for sentence in sentences])
    made.state, made.applied_at = ProviderImport.State.APPLIED, now
    made.save(update_fields=["state", "applied_at"])
    return made


@transaction.atomic
def undo_bill(*, made: ProviderImport, now: dt.datetime) -> ProviderImport:
    """Take an import out of every figure; its lines stay readable.

    Raises ImportRefusedError if it is not imported.
    """
    made = _locked(made)
    if made.state != ProviderImport.State.APPLIED:
        message = f"it is {made.get_state_display()}, so there is nothing to undo"
        raise ImportRefusedError([RowError(1, message)])
    made.state, made.undone_at = ProviderImport.State.UNDONE, now
    made.save(update_fields=["state", "undone_at"])
    return made


@transaction.atomic
def give_up_bill(*, made: ProviderImport) -> bool:
    """Remove an import that never counted, with what was read of it; False if it did meanwhile."""
    made = ProviderImport.objects.select_for_update().get(pk=made.pk)
    if made.applied_at is not None:
        return False
    drop_kept(made.files)
    made.delete()
    return True


def _locked(made: ProviderImport) -> ProviderImport:
    """Lock every import: two that tell the same must not both find nothing."""
    list(ProviderImport.objects.select_for_update().order_by("pk").values_list("pk"))
    return ProviderImport.objects.select_for_update().get(pk=made.pk)
