"""Import a file in one go: stage it and, if it is good, apply it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from billing.importers.apply import apply_import
from billing.importers.errors import ImportRefusedError, RowError
from billing.importers.receive import receive
from billing.importers.stage import stage
from billing.models import BillingImport
from tknops.jobs.progress import Report, unreported


def import_file(
    *,
    path: Path,
    file_name: str,
    profile: str,
    user: Any = None,
    reading: Mapping[str, Any] | None = None,
    report: Report = unreported,
) -> BillingImport:
    """Stage and apply a file. Raises ImportRefusedError with lines and reasons; then no row stays.

    Raises ValueError if the profile is not known.
    """
    made = receive(path=path, file_name=file_name, profile=profile, user=user, reading=reading)
    made = stage(made=made, path=path, report=report)
    if made.state != BillingImport.State.STAGED:
        errors = [RowError(**error) for error in made.errors]
        if made.asks == ["columns"]:
            errors = [
                RowError(1, "the columns are of no known export; map them, or fill in the template")
            ]
        made.delete()
        raise ImportRefusedError(errors)
    return apply_import(made=made, report=report)
