"""Background work: how far it is, and asking it to stop."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from billing.pages.access import CHANGE, page
from billing.pages.months import newest_query
from billing.pages.render import respond
from tknops.jobs.models import Job
from tknops.jobs.queue import ask_to_cancel


@page()
def job(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one job with its progress and, once done, what came of it."""
    found = get_object_or_404(Job, pk=pk)
    return respond(
        request,
        "job",
        title=found.label,
        job=found,
        newest=newest_query(timezone.localdate()),
        may_change=request.user.has_perm(CHANGE),
    )


@page()
def job_state(_request: HttpRequest, pk: int) -> JsonResponse:
    """Tell the waiting page how far it is."""
    found = get_object_or_404(Job, pk=pk)
    return JsonResponse(
        {
            "open": found.is_open,
            "state": found.get_state_display(),
            "progress": found.progress,
            "total": found.total,
            "percent": found.percent,
        }
    )


@require_POST
@page(CHANGE)
def job_cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask a job to stop."""
    found = get_object_or_404(Job, pk=pk)
    ask_to_cancel(job=found)
    messages.info(request, "Asked to stop; nothing half done is kept.")
    back = request.POST.get("next", "")
    ours = url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()})
    return redirect(back if ours else reverse("pages:job", args=[pk]))
