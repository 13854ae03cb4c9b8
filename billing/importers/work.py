"""The imports as background work: what the kinds of jobs call."""

from pathlib import Path
from typing import Any

from django.utils import timezone

from billing.importers.apply import apply_import
from billing.importers.errors import ImportRefusedError
from billing.importers.kept import kept_file
from billing.importers.stage import stage
from billing.importers.stripe_http import Stripe
from billing.importers.stripe_pull import fetch
from billing.models import BillingImport, BillingPull
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


def pull(report: Report, *, pull: int) -> dict[str, Any]:
    """Fetch from Stripe and import what came; an interrupted fetch goes on where it was."""
    found = BillingPull.objects.get(pk=pull)
    made = found.billing_import
    if found.state == BillingPull.State.FETCHING:
        stripe = Stripe.of_settings()
        made = fetch(pull=found, stripe=stripe, now=timezone.now(), report=report)
    if made is None:
        return {"objects": found.objects_fetched, "state": "nothing new"}
    return {
        "objects": found.objects_fetched,
        "import": made.pk,
        **import_whole(report, made=made.pk),
    }
