"""Several billing files uploaded at once: one list of them with what each would bring."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from billing.importers import give_up, in_order, look, profile_of, waits
from billing.models import BillingImport
from billing.pages.access import CHANGE, PREVIEW, page
from billing.pages.months import newest_query
from billing.pages.render import respond
from billing.reports.table import Column, Row, Table
from billing.templatetags.money import count, money
from tknops.jobs.models import Job
from tknops.jobs.run import start

_KIND = "apply-billing-files"
_ROWS_AT_ONCE = 5_000
_COLUMNS = (
    Column("file", "File"),
    Column("profile", "Recognised as"),
    Column("state", "State"),
    Column("rows", "Rows", "count"),
    Column("brings", "Brings"),
)
State = BillingImport.State


@page(PREVIEW)
def billing_files(request: HttpRequest, numbers: str) -> HttpResponse:
    """Show files that were uploaded together, in the order they are applied in."""
    files = in_order(_found(numbers))
    ready = [made for made in files if made.state == State.STAGED or waits(made)]
    jobs = [job for job in (_job(numbers), *map(_reading, files)) if job]
    return respond(
        request,
        "billing_files",
        title=f"{len(files)} billing files",
        numbers=numbers,
        ready=len(ready),
        done=all(made.applied_at for made in files),
        jobs=[job for job in jobs if job.is_open],
        failed=[job for job in jobs if job.state == Job.State.FAILED],
        may_change=request.user.has_perm(CHANGE),
        newest=newest_query(timezone.localdate()),
        more=[
            Table(
                _COLUMNS,
                [_row(made) for made in files],
                caption="In the order they are applied",
                name="files",
            )
        ],
        parent=("Import billing", "import-billing"),
    )


@require_POST
@page(CHANGE)
def billing_files_apply(request: HttpRequest, numbers: str) -> HttpResponse:
    """Apply them in their order; a second click finds them applied."""
    files = _found(numbers)
    before = _job(numbers)
    if not (before and before.is_open):
        job = start(
            kind=_KIND,
            arguments={"files": [made.pk for made in files]},
            user=request.user,
            at_once=sum(made.rows for made in files) <= _ROWS_AT_ONCE,
        )
        names = {str(made.pk): made.file_name for made in files}
        for key, why in job.result.get("refused", {}).items():
            messages.error(request, f"{names[key]}: nothing was written; {why}.")
        if imported := job.result.get("imported"):
            messages.success(request, f"{imported} of {len(files)} files imported.")
    return redirect("pages:billing-files", numbers)


@require_POST
@page(PREVIEW)
def billing_files_discard(request: HttpRequest, numbers: str) -> HttpResponse:
    """Give up those that were not applied."""
    given_up = sum(give_up(made=made) for made in _found(numbers))
    messages.success(request, f"{given_up} files given up, nothing of them was written.")
    return redirect("pages:billing-upload")


def _found(numbers: str) -> list[BillingImport]:
    """Return the files named in an address. Raises Http404."""
    wanted = [int(part) for part in numbers.split("-") if part.isascii() and part.isdecimal()]
    found = list(BillingImport.objects.filter(pk__in=wanted).order_by("pk"))
    if not found:
        raise Http404
    return found


def _job(numbers: str) -> Job | None:
    wanted = [made.pk for made in _found(numbers)]
    return Job.objects.filter(kind=_KIND, arguments__files=wanted).last()


def _reading(made: BillingImport) -> Job | None:
    return Job.objects.filter(arguments__made=made.pk, kind="stage-billing").last()


def _row(made: BillingImport) -> Row:
    profile = profile_of(made)
    asks = made.state == State.ASKING
    shown = "pages:billing-columns" if asks else "pages:billing-import"
    return Row(
        {
            "file": made.file_name,
            "profile": profile.label if profile else "its columns are to be mapped",
            "state": "after the invoices above" if waits(made) else made.get_state_display(),
            "rows": made.rows,
            "brings": _brings(made),
        },
        links={"file": reverse(shown, args=[made.pk])},
    )


def _brings(made: BillingImport) -> str:
    if made.applied_at:
        return f"{count(made.created)} new or changed, {count(made.unchanged)} there already"
    if waits(made):
        return "it is read again once the invoices above are imported"
    if made.state != State.STAGED:
        return made.errors[0]["message"] if made.errors else ""
    found = look(made)
    parts: list[tuple[int, Any]] = [
        (found.lines, "invoice lines"), (found.subscriptions, "subscriptions"),
        (found.payments, "payments"), (found.customers, "customers"),
    ]  # fmt: skip
    said = [f"{count(number)} {what}" for number, what in parts if number]
    said += [f"{money(total, code)} {code}" for code, total in found.totals.items()]
    return ", ".join(said)
