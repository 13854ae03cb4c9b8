"""Rates by CSV: upload, look at what the file would bring, confirm, undo."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from billing.importers import ImportRefusedError
from billing.models import RateImport
from billing.pages.access import page
from billing.pages.received_files import keep
from billing.pages.render import respond
from billing.rate_files import SOURCE, apply_rates, read_rates, undo_rates

ADD = "billing.add_exchangerate"
_LISTED = 50
_SHOWN_DAYS = 10
_PARENT = ("Exchange rates", "exchange-rates")


@page(ADD)
def rate_upload(request: HttpRequest) -> HttpResponse:
    """Offer the form and list the files; one sent is read and shown."""
    upload = request.FILES.get("file")
    if request.method == "POST" and upload is not None:
        path = keep(upload)
        try:
            made = read_rates(
                path=path,
                file_name=upload.name or "upload",
                source=request.POST.get("source", "").strip()[:200] or SOURCE,
                today=timezone.localdate(),
                user=request.user,
            )
        finally:
            path.unlink(missing_ok=True)
        return redirect("pages:rate-import", made.pk)
    return respond(
        request,
        "rate_upload",
        title="Import exchange rates",
        imports=RateImport.objects.defer("rows")
        .select_related("created_by")
        .order_by("-pk")[:_LISTED],
        missing_file=request.method == "POST",
        source=SOURCE,
        parent=_PARENT,
    )


@page(ADD)
def rate_import(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what a file would bring, or has brought, or what is wrong with which line."""
    made = get_object_or_404(RateImport, pk=pk)
    days = sorted((day for _, day, _ in made.rows), reverse=True)
    return respond(
        request,
        "rate_import",
        title=made.file_name,
        made=made,
        days=days,
        shown=[
            (line, day, sorted(rates.items()))
            for line, day, rates in sorted(made.rows, key=lambda row: row[1], reverse=True)[
                :_SHOWN_DAYS
            ]
        ],
        parent=_PARENT,
    )


@require_POST
@page(ADD)
def rate_apply(request: HttpRequest, pk: int) -> HttpResponse:
    """Write a file's rates; a second click finds them written."""
    made = get_object_or_404(RateImport, pk=pk)
    try:
        made = apply_rates(made=made, now=timezone.now())
    except ImportRefusedError as error:
        messages.error(request, f"{made.file_name}: nothing was written; {error}.")
    else:
        messages.success(
            request,
            f"{made.file_name}: {made.created:,} rates added, {made.corrected:,} corrected.",
        )
    return redirect("pages:rate-import", pk)


@require_POST
@page(ADD)
def rate_undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a file's rates back."""
    made = get_object_or_404(RateImport, pk=pk)
    try:
        count = undo_rates(made=made, now=timezone.now())
    except ImportRefusedError as error:
        messages.error(request, f"{made.file_name} stays: {error.errors[0].message}.")
    else:
        messages.success(request, f"{made.file_name}: {count:,} rates taken back.")
    return redirect("pages:rate-import", pk)
