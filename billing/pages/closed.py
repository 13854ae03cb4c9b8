"""Tie-out of a month, the printable report of a close, and adjustments of closed months."""

import datetime as dt

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

from billing.closing import ClosingError, adjustments, enter, figures_of, in_force, tie_lines
from billing.closing.tie_out import Figure, figure
from billing.journal import entries_of, has_journal
from billing.models import MonthClose, TieOut
from billing.pages.access import page
from billing.pages.asked import one_of
from billing.pages.closing import CLOSE, month_of
from billing.pages.render import respond
from billing.reports.closing import (
    adjustments_table,
    frozen_checks,
    frozen_table,
    frozen_ties_table,
    ties_table,
)
from billing.reports.journal import journal_table
from billing.reports.table import Table
from customers.models import Customer
from tknops.calendar import Period, next_month

_LARGEST_FILE = 1_000_000


@page()
def tie_out(request: HttpRequest, month: str) -> HttpResponse:
    """Compare a month with other books; take a figure typed, or a CSV of them."""
    first = month_of(month)
    if request.method == "POST":
        if not request.user.has_perm(CLOSE):
            raise PermissionDenied
        _enter(request, first)
        return redirect("pages:tie-out", month)
    return respond(
        request,
        "tie_out",
        title=f"Tie-out of {first:%B %Y}",
        table=ties_table(tie_lines(Period(first, next_month(first)))),
        first=first,
        figures=TieOut.Figure.choices,
        may_change=request.user.has_perm(CLOSE),
        parent=("Closing", "closing"),
    )


@page()
def close_report(request: HttpRequest, month: str) -> HttpResponse:
    """Show what was frozen, to be read or printed: ?revision= one that was opened again."""
    rows = MonthClose.objects.filter(month=month_of(month)).select_related("reopening")
    closes = {str(one.revision): one for one in rows.order_by("-revision")}
    if not closes:
        message = f"{month} was never closed"
        raise Http404(message)
    close = closes[one_of(request, "revision", list(closes)) or next(iter(closes))]
    return respond(
        request,
        "close_report",
        title=f"Close report of {close}",
        table=frozen_table(close.manifest),
        more=[frozen_ties_table(close.manifest), *_journal(close)],
        checks=frozen_checks(close.manifest),
        close=close,
        manifest=close.manifest,
        reopening=getattr(close, "reopening", None),
        parent=("Closing", "closing"),
    )


@page()
def closed_adjustments(request: HttpRequest) -> HttpResponse:
    """Show what came to closed months since, by month, customer and reason."""
    rows = adjustments()
    named = Customer.objects.filter(external_id__in={row.customer for row in rows})
    return respond(
        request,
        "adjustments",
        title="Adjustments of closed months",
        table=adjustments_table(rows, dict(named.values_list("external_id", "name"))),
        closed=bool(in_force()),
        posted=rows[0].posted if rows else "",
    )


def _journal(close: MonthClose) -> list[Table]:
    return [journal_table(entries_of(close.manifest))] if has_journal(close.manifest) else []


def _enter(request: HttpRequest, first: dt.date) -> None:
    try:
        found = _sent(request)
        enter(month=first, figures=found, user=request.user)
    except UnicodeDecodeError:
        messages.error(request, "The file is not UTF-8 text.")
    except ClosingError as error:
        messages.error(request, f"{error}.")
    else:
        messages.success(request, f"{len(found):,} figures entered.")


def _sent(request: HttpRequest) -> list[Figure]:
    """Read a file, or what was typed. Raises ClosingError, UnicodeDecodeError."""
    file = request.FILES.get("file")
    if not file:
        names = ("figure", "currency", "amount", "note")
        return [figure(*(request.POST.get(name, "") for name in names))]
    if (file.size or 0) > _LARGEST_FILE:
        message = f"{file.name} is larger than 1 MB"
        raise ClosingError(message)
    return figures_of(file.read().decode("utf-8-sig"))
