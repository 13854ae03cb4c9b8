"""Several files of one export, applied in their order: each its own import, whole or not at all.

Subscriptions first, then invoices, what details or credits invoices, cash, and customers last: an
invoice keeps the name its customer had, the list has the one of today.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from billing.importers.apply import apply_import
from billing.importers.errors import ImportRefusedError
from billing.importers.kept import kept_file
from billing.importers.profiles import PROFILES, USUAL_TURN
from billing.importers.receive import COLUMNS, found_out
from billing.importers.stage import read_again, stage
from billing.models import BillingImport
from tknops.jobs.progress import Report, unreported

State = BillingImport.State
MOST_FILES = 20
# What the invoices of another file mend.
_WAITS = {"invoice_unknown"}


def in_order(files: Iterable[BillingImport]) -> list[BillingImport]:
    """Sort files by their turn, those of the same turn as they came."""
    return sorted(files, key=lambda made: (_turn(made), made.pk))


def waits(made: BillingImport) -> bool:
    """Tell whether all that is wrong with a file is that invoices of another are not here yet."""
    codes = {error.get("code") for error in made.errors}
    return made.state == State.REFUSED and codes == _WAITS and kept_file(made) is not None


def apply_together(
    *, files: Sequence[BillingImport], report: Report = unreported
) -> dict[int, str]:
    """Apply the files that can be, in their order; return why others were not, by their key.

    One that waited for the invoices of another is read again when its turn comes.
    """
    refused: dict[int, str] = {}
    for number, made in enumerate(in_order(files), start=1):
        path = kept_file(made)
        if path is not None and waits(made):
            made = stage(made=read_again(made=made, said=made.reading), path=path)  # noqa: PLW2901
        if made.state == State.STAGED:
            try:
                apply_import(made=made)
            except ImportRefusedError as error:
                refused[made.pk] = error.sentence
        elif made.state == State.REFUSED:
            refused[made.pk] = f"it {made.get_state_display()}"
        elif made.state != State.APPLIED:
            refused[made.pk] = "it is not ready: open it"
        report(number, len(files))
    return refused


def read_alike(*, mapping: str, said: Mapping[str, Any]) -> int:
    """Read files whose columns wait to be mapped by a mapping just saved for the same columns."""
    waiting = BillingImport.objects.filter(state=State.ASKING, profile=COLUMNS).order_by("pk")
    read = 0
    for made in waiting:
        path = kept_file(made)
        if path is not None and found_out(path, made.reading) == mapping:
            stage(made=read_again(made=made, said=said, profile=mapping), path=path)
            read += 1
    return read


def apply_files(report: Report, *, files: list[int]) -> dict[str, Any]:
    """Apply files as background work: what the kind of job calls."""
    found = list(BillingImport.objects.filter(pk__in=files))
    refused = apply_together(files=found, report=report)
    told = {str(key): why for key, why in refused.items()}
    return {"imported": len(found) - len(refused), "refused": told}


def _turn(made: BillingImport) -> int:
    return PROFILES[made.profile].turn if made.profile in PROFILES else USUAL_TURN
