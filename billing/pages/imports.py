"""Import billing: upload, look at what it would bring, confirm, undo."""

import datetime as dt
from typing import Any

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from billing.importers import (
    MOST_FILES,
    PROFILES,
    TooLargeError,
    give_up,
    keep,
    kept_file,
    look,
    profile_of,
    read_again,
    receive,
    undo_import,
)
from billing.importers.columns import FIELDS
from billing.importers.generic import COLUMNS
from billing.importers.receive import AUTO
from billing.models import BillingImport, BillingMapping
from billing.pages.access import CHANGE, PREVIEW, page
from billing.pages.file_life import FileLife
from billing.pages.months import newest_query
from billing.pages.received_files import AT_ONCE
from billing.pages.render import respond
from billing.pages.sent_files import csv_template
from billing.reports.table import Column
from tknops.jobs.models import Job
from tknops.jobs.run import start

_ROWS_AT_ONCE = 5_000


class TooManyFilesError(ValueError):
    """No file was sent, or more at once than are taken."""


def _undone(made: BillingImport, now: dt.datetime) -> str:
    undo_import(made=made, now=now)
    return f"{_rows(made.created)} taken back"


_LIFE = FileLife(BillingImport, "pages:billing-import", CHANGE, urls="pages:billing")
billing_undo = _LIFE.view(_undone, "it stays")
_COUNTED = (
    Column("profile", "Exported from"), Column("rows", "Rows", "count"),
    Column("new", "New", "count"),
)  # fmt: skip


@page(PREVIEW)
def billing_upload(request: HttpRequest) -> HttpResponse:
    """Offer the form and list the imports; files sent are staged, by a worker if they are large."""
    problem = ""
    if request.method == "POST":
        try:
            return _received(request)
        except (TooLargeError, TooManyFilesError) as error:
            problem = f"{error}."
    return respond(
        request,
        "billing_upload",
        title="Import billing",
        profiles=PROFILES.values(),
        mappings=BillingMapping.objects.order_by("name"),
        fields=FIELDS,
        more=[
            _LIFE.listed(
                *_COUNTED,
                profile=lambda made: made.profile,
                rows=lambda made: made.rows,
                new=lambda made: made.created,
            )
        ],
        problem=problem,
    )


def _received(request: HttpRequest) -> HttpResponse:
    """Stage each file as an import of its own; go on to it, or to the list of several."""
    uploads = request.FILES.getlist("file")
    if not 1 <= len(uploads) <= MOST_FILES:
        message = (
            "Choose a file first"
            if not uploads
            else (f"{len(uploads)} files at once; accepted: up to {MOST_FILES}")
        )
        raise TooManyFilesError(message)
    files = [_kept(request, upload) for upload in uploads]
    if len(files) == 1:
        return staged(request, files[0])
    for made in files:
        staged(request, made)
    return redirect("pages:billing-files", "-".join(str(made.pk) for made in files))


def _kept(request: HttpRequest, upload: Any) -> BillingImport:
    """Keep a file and take note of it. Raises TooLargeError."""
    path = keep(upload.chunks())
    try:
        return receive(
            path=path,
            file_name=upload.name or "upload",
            profile=request.POST.get("profile", AUTO),
            user=request.user,
        )
    except ValueError as error:
        path.unlink()
        raise BadRequest(str(error)) from error


def staged(request: HttpRequest, made: BillingImport) -> HttpResponse:
    """Have a kept file read, at once if it is small; go on to what it asks, or to the preview."""
    path = kept_file(made)
    start(
        kind="stage-billing",
        arguments={"made": made.pk},
        user=request.user,
        at_once=path is not None and path.stat().st_size <= AT_ONCE,
    )
    made.refresh_from_db()
    asks = made.state == BillingImport.State.ASKING
    return redirect("pages:billing-columns" if asks else "pages:billing-import", made.pk)


@page(PREVIEW)
def billing_import(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one import: what it would bring, what keeps it from being applied, what it brought."""
    made = get_object_or_404(BillingImport.objects.select_related("created_by", "api_key"), pk=pk)
    return respond(
        request,
        "billing_import",
        title=f"Import of {made.file_name}",
        made=made,
        profile=profile_of(made),
        look=look(made),
        kept=kept_file(made) is not None,
        job=_job_of(made),
        newest=newest_query(timezone.localdate()),
        may_change=request.user.has_perm(CHANGE),
    )


@require_POST
@page(PREVIEW)
def billing_replace(request: HttpRequest, pk: int) -> HttpResponse:
    """Read a refused file again so that its invoices take the place of those that are there."""
    made = get_object_or_404(BillingImport, pk=pk, state=BillingImport.State.REFUSED)
    return staged(request, read_again(made=made, said=made.reading | {"replace": True}))


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
    give_up(made=made)
    messages.success(request, f"{made.file_name}: given up, nothing was written.")
    return redirect("pages:billing-upload")


@page()
def billing_template(_request: HttpRequest) -> HttpResponse:
    """Send the generic template: its header and one example row."""
    example = {field.name: field.example for field in FIELDS}
    return csv_template("billing-template.csv", COLUMNS, [example])


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count:,} rows"


def _job_of(made: BillingImport) -> Job | None:
    return Job.objects.filter(arguments__made=made.pk, kind__endswith="-billing").last()
