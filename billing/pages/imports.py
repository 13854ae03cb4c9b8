"""Import billing: upload, look at what it would bring, confirm, undo."""

import csv

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from billing.importers import PROFILES, ImportRefusedError, look, receive, undo_import
from billing.importers.generic import COLUMNS
from billing.models import BillingImport
from billing.pages.access import CHANGE, PREVIEW, page
from billing.pages.months import newest_query
from billing.pages.received_files import AT_ONCE, keep
from billing.pages.render import respond
from tknops.jobs.models import Job
from tknops.jobs.run import start

_LISTED = 50
_ROWS_AT_ONCE = 5_000


@page(PREVIEW)
def billing_upload(request: HttpRequest) -> HttpResponse:
    """Offer the form and list the imports; a file sent is staged, by a worker if it is large."""
    upload = request.FILES.get("file")
    if request.method == "POST" and upload is not None:
        profile = request.POST.get("profile", "generic")
        if profile not in PROFILES:
            message = f"the profile is none of {', '.join(PROFILES)}"
            raise BadRequest(message)
        path = keep(upload)
        made = receive(
            path=path, file_name=upload.name or "upload", profile=profile, user=request.user
        )
        start(
            kind="stage-billing",
            arguments={"made": made.pk, "path": str(path)},
            user=request.user,
            at_once=path.stat().st_size <= AT_ONCE,
        )
        return redirect("pages:billing-import", made.pk)
    return respond(
        request,
        "billing_upload",
        title="Import billing",
        profiles=PROFILES.values(),
        imports=BillingImport.objects.select_related("created_by").order_by("-pk")[:_LISTED],
        missing=request.method == "POST",
    )


@page(PREVIEW)
def billing_import(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one import: what it would bring, what keeps it from being applied, what it brought."""
    made = get_object_or_404(BillingImport, pk=pk)
    return respond(
        request,
        "billing_import",
        title=made.file_name,
        made=made,
        profile=PROFILES.get(made.profile),
        look=look(made),
        job=_job_of(made),
        newest=newest_query(timezone.localdate()),
        may_change=request.user.has_perm(CHANGE),
    )


@require_POST
@page(CHANGE)
def billing_apply(request: HttpRequest, pk: int) -> HttpResponse:
    """Apply a staged import; a second click finds it applied."""
    made = get_object_or_404(BillingImport, pk=pk)
    job = _job_of(made)
    if not (job and job.is_open):
        start(
            kind="apply-billing",
            arguments={"made": made.pk},
            user=request.user,
            at_once=made.rows <= _ROWS_AT_ONCE,
        )
    return redirect("pages:billing-import", made.pk)


@require_POST
@page(PREVIEW)
def billing_discard(request: HttpRequest, pk: int) -> HttpResponse:
    """Give up an import that was not applied."""
    made = get_object_or_404(BillingImport, pk=pk, applied_at=None)
    job = _job_of(made)
    if job and job.is_open:
        messages.error(request, f"{made.file_name} is being read; stop that first.")
        return redirect("pages:billing-import", made.pk)
    made.delete()
    messages.success(request, f"{made.file_name}: given up, nothing was written.")
    return redirect("pages:billing-upload")


@require_POST
@page(CHANGE)
def billing_undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Take an import back."""
    made = get_object_or_404(BillingImport, pk=pk)
    try:
        undo_import(made=made, now=timezone.now())
    except ImportRefusedError as error:
        messages.error(request, f"{made.file_name} stays: {error.errors[0].message}.")
    else:
        messages.success(request, f"{made.file_name}: {_rows(made.created)} taken back.")
    return redirect("pages:billing-import", made.pk)


@page()
def billing_template(_request: HttpRequest) -> HttpResponse:
    """Send the generic template: its header and one example row."""
    answer = HttpResponse(content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="billing-template.csv"'
    writer = csv.DictWriter(answer, COLUMNS, restval="")
    writer.writeheader()
    writer.writerow({
        "external_customer_id": "acme", "customer_name": "Acme Inc", "invoice_id": "INV-1",
        "line_id": "1", "plan_code": "pro", "amount": "49.00", "currency": "USD",
        "tax_mode": "none", "service_start": "2026-10-01", "service_end": "2026-11-01",
        "invoice_date": "2026-10-01", "type": "recurring", "status": "paid",
    })  # fmt: skip
    return answer


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count:,} rows"


def _job_of(made: BillingImport) -> Job | None:
    return Job.objects.filter(arguments__made=made.pk, kind__endswith="-billing").last()
