"""Import a file in one go: stage it and, if it is good, apply it."""

from pathlib import Path
from typing import Any

from billing.importers.apply import apply_import
from billing.importers.errors import ImportRefusedError, RowError
from billing.importers.stage import receive, stage
from billing.models import BillingImport
from tknops.jobs.progress import Report, unreported


def import_file(
    *, path: Path, file_name: str, profile: str, user: Any = None, report: Report = unreported
) -> BillingImport:
    """Stage and apply a file. Raises ImportRefusedError with lines and reasons; then no row stays.

    Raises ValueError if the profile is not known.
    """
    made = receive(path=path, file_name=file_name, profile=profile, user=user)
    made = stage(made=made, path=path, report=report)
    if made.state == BillingImport.State.REFUSED:
        errors = [RowError(**error) for error in made.errors]
        made.delete()
        raise ImportRefusedError(errors)
    return apply_import(made=made, report=report)
