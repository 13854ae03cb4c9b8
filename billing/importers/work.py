"""The imports as background work: what the kinds of jobs call."""

from pathlib import Path
from typing import Any

from billing.importers.apply import apply_import
from billing.importers.stage import stage
from billing.models import BillingImport
from tknops.jobs.progress import Report


def stage_file(report: Report, *, made: int, path: str) -> dict[str, Any]:
    """Stage an uploaded file and remove it."""
    file = Path(path)
    found = stage(made=BillingImport.objects.get(pk=made), path=file, report=report)
    file.unlink(missing_ok=True)
    return {"state": found.state, "rows": found.rows, "errors": found.error_count}


def apply_staged(report: Report, *, made: int) -> dict[str, Any]:
    """Apply a staged import."""
    found = apply_import(made=BillingImport.objects.get(pk=made), report=report)
    return {"state": found.state, "created": found.created, "unchanged": found.unchanged}
