"""Fetch from Stripe: whether it can be, what came so far, and fetching now."""

import datetime as dt
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST
from django_celery_beat.models import PeriodicTask

from billing.importers import key_problem, start_pull
from billing.models import BillingPull
from billing.pages.access import CHANGE, PREVIEW, page
from billing.pages.render import respond
from billing.reports.table import Column, Row, Table
from tknops.jobs.models import Job

_KIND = "pull-stripe"
_LISTED = 20
_COLUMNS = (
    Column("started", "Started"),
    Column("state", "State"),
    Column("since", "Invoices from"),
    Column("until", "To before"),
    Column("objects", "Objects fetched", "count"),
    Column("created", "New or changed", "count"),
    Column("unchanged", "There already", "count"),
    Column("file", "Import"),
)


@page(PREVIEW)
def stripe_pull(request: HttpRequest) -> HttpResponse:
    """Show whether a key is set, the fetches there were, the schedule, and what went wrong."""
    job = Job.objects.filter(kind=_KIND).last()
    pulls = BillingPull.objects.select_related("billing_import").order_by("-pk")[:_LISTED]
    begun = next((one for one in pulls if one.state == BillingPull.State.FETCHING), None)
    return respond(
        request,
        "stripe_pull",
        title="Fetch from Stripe",
        problem=key_problem(),
        key_set=bool(settings.STRIPE_API_KEY),
        base=settings.STRIPE_API_BASE,
        job=job,
        interrupted=begun if begun and not (job and job.is_open) else None,
        last=next((one for one in pulls if one.state == BillingPull.State.DONE), None),
        schedule=_schedule(),
        may_change=request.user.has_perm(CHANGE),
        more=[Table(_COLUMNS, [_row(one) for one in pulls], caption="Fetches", name="fetches")],
        parent=("Import billing", "import-billing"),
    )


@require_POST
@page(CHANGE)
def stripe_pull_now(request: HttpRequest) -> HttpResponse:
    """Begin a fetch as a job, or go on with the one that was interrupted."""
    if problem := key_problem():
        messages.error(request, f"Nothing was fetched: {problem}.")
        return redirect("pages:stripe-pull")
    try:
        since = _since(request.POST.get("since", ""))
    except ValueError as error:
        messages.error(request, f"{error}.")
        return redirect("pages:stripe-pull")
    job = Job.objects.filter(kind=_KIND).last()
    if not (job and job.is_open):
        start_pull(now=timezone.now(), since=since, user=request.user)
    return redirect("pages:stripe-pull")


def _since(text: str) -> dt.datetime | None:
    """Read the day to begin with. Raises ValueError."""
    if not text:
        return None
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        message = f"{text[:40]!r} is not a day like 2026-01-31"
        raise ValueError(message) from None
    if day >= timezone.now().date():
        message = f"{day} is not in the past"
        raise ValueError(message)
    return dt.datetime.combine(day, dt.time(tzinfo=dt.UTC))


def _row(one: BillingPull) -> Row:
    made = one.billing_import
    links = {"file": reverse("pages:billing-import", args=[made.pk])} if made else {}
    return Row(
        {
            "started": _when(one.created_at),
            "state": one.get_state_display(),
            "since": f"{one.since:%Y-%m-%d}" if one.since else "the beginning",
            "until": _when(one.until),
            "objects": one.objects_fetched,
            "created": made and made.created,
            "unchanged": made and made.unchanged,
            "file": made.get_state_display() if made else "nothing new",
        },
        links=links,
    )


def _schedule() -> dict[str, Any] | None:
    """Return when it is fetched by itself; None where it is not."""
    found = PeriodicTask.objects.filter(task="billing.tasks.pull_stripe", enabled=True).first()
    if found is None:
        return None
    run_every = getattr(found.schedule, "run_every", None)
    every = "every day" if run_every == dt.timedelta(days=1) else str(found.scheduler)
    return {"every": every, "last": found.last_run_at}


def _when(moment: dt.datetime) -> str:
    return f"{timezone.localtime(moment):%Y-%m-%d %H:%M}"
