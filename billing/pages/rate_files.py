"""Rates by CSV: upload, look at what the file would bring, confirm, undo."""

import datetime as dt

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone

from billing.models import RateImport
from billing.pages.access import page
from billing.pages.file_life import FileLife
from billing.pages.received_files import keep
from billing.pages.render import respond
from billing.rate_files import SOURCE, apply_rates, read_rates, undo_rates
from billing.reports.table import Column

ADD = "billing.add_exchangerate"
_SHOWN_DAYS = 10
_PARENT = ("Exchange rates", "exchange-rates")


def _applied(made: RateImport, now: dt.datetime) -> str:
    made = apply_rates(made=made, now=now)
    return f"{made.created:,} rates added, {made.corrected:,} corrected"


def _undone(made: RateImport, now: dt.datetime) -> str:
    return f"{undo_rates(made=made, now=now):,} rates taken back"


_LIFE = FileLife(RateImport, "pages:rate-import", ADD, urls="pages:rate")
rate_apply = _LIFE.view(_applied, "nothing was written")
rate_undo = _LIFE.view(_undone, "it stays")
_COUNTED = (
    Column("new", "New", "count"), Column("corrected", "Corrected", "count"),
    Column("source", "Source"),
)  # fmt: skip


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
        more=[
            _LIFE.listed(
                *_COUNTED,
                new=lambda made: made.created,
                corrected=lambda made: made.corrected,
                source=lambda made: made.source,
            )
        ],
        problem="Choose a file first." if request.method == "POST" else "",
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
        title=f"Rates of {made.file_name}",
        made=made,
        may_change=True,
        life=_LIFE,
        days=days,
        shown=[
            (line, day, sorted(rates.items()))
            for line, day, rates in sorted(made.rows, key=lambda row: row[1], reverse=True)[
                :_SHOWN_DAYS
            ]
        ],
        parent=_PARENT,
    )
