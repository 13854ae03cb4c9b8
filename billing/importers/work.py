"""The imports as background work: what the kinds of jobs call."""

from pathlib import Path
from typing import Any

from billing.importers.apply import apply_import
from billing.importers.errors import ImportRefusedError
from billing.importers.kept import kept_file
from billing.importers.stage import stage
from billing.models import BillingImport
from tknops.jobs.progress import Report


def stage_file(report: Report, *, made: int) -> dict[str, Any]:
    """Stage a file that was sent; it is kept until the import is decided on."""
    found = BillingImport.objects.get(pk=made)
    found = stage(made=found, path=kept_file(found) or Path(found.kept_as), report=report)
    return {"state": found.state, "rows": found.rows, "errors": found.error_count}


def apply_staged(report: Report, *, made: int) -> dict[str, Any]:
    """Apply a staged import."""
    found = apply_import(made=BillingImport.objects.get(pk=made), report=report)
    return {"state": found.state, "created": found.created, "unchanged": found.unchanged}


def import_whole(report: Report, *, made: int) -> dict[str, Any]:
    """Stage a file and, if it is good, apply it: what machines ask for, who look afterwards."""
    staged = stage_file(report, made=made)
    if staged["state"] != BillingImport.State.STAGED:
        return staged
    try:
        return staged | apply_staged(report, made=made)
    except ImportRefusedError as error:
        return staged | {"refused": str(error)}
