"""Closing: the months, one month's checklist and figures, and the acts that close or open it."""

import datetime as dt
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from billing.closing import (
    Checked,
    ClosingError,
    ask,
    checked,
    closings,
    decide,
    in_force,
    left_open,
    next_to_close,
    reopen_month,
    sign,
    tie_lines,
    verify_closed,
    waiting,
)
from billing.margin import margin
from billing.measures import CHARGE_CLASS
from billing.models import CloseRequest, MonthClose
from billing.pages.access import page
from billing.pages.closing_forms import PasswordForm
from billing.pages.render import respond
from billing.pages.strip import Part, strip
from billing.reports.closing import figures_table, months_table
from tknops.calendar import Period, next_month, parse_bound
from tknops.jobs.models import Job
from tknops.jobs.run import start
from usage import cube

CLOSE = "billing.close_month"
# Rows of the cube a month is frozen from while its page waits.
_ROWS_AT_ONCE = 50_000


def month_of(text: str) -> dt.date:
    """Read a month out of an address. Raises Http404."""
    try:
        found = parse_bound(text)
    except ValueError as error:
        raise Http404(str(error)) from error
    if found.day != 1 or text != f"{found:%Y-%m}":
        message = f"{text} is no month such as 2026-10"
        raise Http404(message)
    return found


@page()
def closing(request: HttpRequest) -> HttpResponse:
    """List the closed months with every revision, and the one that is next."""
    now, found = timezone.now(), closings()
    following, closed, earlier = next_to_close(now), in_force(), left_open(now)
    return respond(
        request,
        "closing",
        title="Closing",
        table=months_table(found, earlier if closed else ()),
        ever=bool(found),
        earlier=earlier,
        closed=[one.month for one in reversed(closed)],
        following=following,
        running=next_month(closed[-1].month) if closed and not following else None,
        four_eyes=settings.CLOSING_FOUR_EYES,
        strip=_strip(following) if following else [],
        verified=_verified() if "verify" in request.GET else None,
        may_change=request.user.has_perm(CLOSE),
    )


@page()
def closing_month(request: HttpRequest, month: str) -> HttpResponse:
    """Show one month: what closing freezes and what stands against it, or what was frozen."""
    first = month_of(month)
    days = Period(first, next_month(first))
    close = MonthClose.objects.filter(month=first, reopening=None).first()
    closed = in_force()
    report = margin(by=[CHARGE_CLASS], period=days)
    checks = [] if close else checked(first)
    return respond(
        request,
        "closing_month",
        title=f"{'Closed' if close else 'Close'} {first:%B %Y}",
        table=figures_table(report),
        first=first,
        close=close,
        strip=_strip(first),
        checks=[(one, _mend(one, month)) for one in checks],
        unsettled=sum(not one.settled for one in checks),
        ties=tie_lines(days),
        request_waiting=waiting(first),
        is_own=_is_own(request, first),
        can_reopen=close is not None and closed[-1].month == first,
        is_before=bool(closed) and first < closed[0].month,
        can_close=close is None and (not closed or next_month(closed[-1].month) == first),
        has_ended=days.end <= timezone.localdate(),
        four_eyes=settings.CLOSING_FOUR_EYES,
        job=Job.objects.filter(kind="close-month", arguments__month=first.isoformat()).last(),
        may_change=request.user.has_perm(CLOSE),
        parent=("Closing", "closing"),
    )


@require_POST
@page(CLOSE)
def closing_sign(request: HttpRequest, month: str) -> HttpResponse:
    """Sign what a check finds."""
    first = month_of(month)
    name, note = request.POST.get("check", ""), request.POST.get("note", "")
    _try(request, lambda: f"Signed: {sign(month=first, name=name, note=note, user=request.user)}.")
    return redirect("pages:closing-month", month)


@require_POST
@page(CLOSE)
def closing_close(request: HttpRequest, month: str) -> HttpResponse:
    """Close the month, or with four eyes ask for it."""
    first = month_of(month)
    if not _is_really(request):
        return redirect("pages:closing-month", month)
    if settings.CLOSING_FOUR_EYES:
        return _ask(request, first, CloseRequest.Kind.CLOSE)
    return _start(request, first, user=request.user.pk)


@require_POST
@page(CLOSE)
def closing_reopen(request: HttpRequest, month: str) -> HttpResponse:
    """Open the month again, or with four eyes ask for it."""
    first, reason = month_of(month), request.POST.get("reason", "")
    if not _is_really(request):
        return redirect("pages:closing-month", month)
    if settings.CLOSING_FOUR_EYES:
        return _ask(request, first, CloseRequest.Kind.REOPEN)
    now = timezone.now()
    _try(
        request,
        lambda: f"{reopen_month(month=first, reason=reason, user=request.user, now=now)}.",
    )
    return redirect("pages:closing-month", month)


@require_POST
@page(CLOSE)
def closing_decide(request: HttpRequest, month: str, pk: int) -> HttpResponse:
    """Approve or decline what another person asked for."""
    first = month_of(month)
    found = get_object_or_404(CloseRequest, pk=pk, month=first)
    approve = request.POST.get("decision") == "approve"
    if approve and not _is_really(request):
        return redirect("pages:closing-month", month)
    now = timezone.now()
    decided = _try(
        request,
        lambda: (
            f"{decide(request=found, approve=approve, user=request.user, now=now)}: "
            f"{'approved' if approve else 'declined'}."
        ),
    )
    if not (decided and approve):
        return redirect("pages:closing-month", month)
    if found.kind == CloseRequest.Kind.CLOSE:
        return _start(request, first, user=found.asked_by_id, approved_by=request.user.pk)
    _try(
        request,
        lambda: str(
            reopen_month(
                month=first, reason=found.reason, now=now,
                user=found.asked_by, approved_by=request.user,
            )
        ) + ".",
    )  # fmt: skip
    return redirect("pages:closing-month", month)


def _strip(first: dt.date) -> list[Part]:
    """Say what the figures of the month rest on and leave out."""
    return strip(margin(by=["customer"], period=Period(first, next_month(first))))


def _ask(request: HttpRequest, first: dt.date, kind: str) -> HttpResponse:
    reason, now = request.POST.get("reason", ""), timezone.now()
    _try(
        request,
        lambda: (
            f"{ask(month=first, kind=kind, user=request.user, now=now, reason=reason)}: "
            "asked for; another person approves it on this page."
        ),
    )
    return redirect("pages:closing-month", f"{first:%Y-%m}")


def _start(request: HttpRequest, first: dt.date, **people: int | None) -> HttpResponse:
    days = Period(first, next_month(first))
    rows = sum(map(cube.rows_of, cube.cube_files(period=days)))
    job = start(
        kind="close-month",
        arguments={"month": first.isoformat(), **people},
        user=request.user,
        at_once=rows <= _ROWS_AT_ONCE,
    )
    if job.is_open:
        return redirect("pages:job", job.pk)
    if job.state == Job.State.DONE:
        messages.success(
            request, f"{first:%B %Y} is closed, manifest {job.result['sha256'][:12]}…."
        )
    else:
        messages.error(request, job.error)
    return redirect("pages:closing-month", f"{first:%Y-%m}")


def _is_really(request: HttpRequest) -> bool:
    """Ask again who it is."""
    form = PasswordForm(request.POST, user=request.user)
    if form.is_valid():
        return True
    for error in form.errors.get("password", []):
        messages.error(request, str(error))
    return False


def _try(request: HttpRequest, act: Any) -> bool:
    try:
        messages.success(request, act())
    except ClosingError as error:
        messages.error(request, f"{error}.")
        return False
    return True


def _verified() -> tuple[int, list[str]]:
    return verify_closed()


def _mend(one: Checked, month: str) -> str:
    """Say where to mend what a check found."""
    name = one.check.page
    if name == "tie-out":
        return reverse("pages:tie-out", args=[month])
    return f"{reverse(f'pages:{name}')}?month={month}" if name else ""


def _is_own(request: HttpRequest, first: dt.date) -> bool:
    found = waiting(first)
    return found is not None and found.asked_by_id == request.user.pk
