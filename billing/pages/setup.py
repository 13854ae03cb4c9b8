"""Setup: five steps from nothing to the first margin, each with its state and one button."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from billing.closing import ClosingError
from billing.demo import remove
from billing.pages.access import CHANGE, HEALTH, page
from billing.pages.months import newest_query
from billing.pages.render import respond
from billing.pages.setup_steps import setup_steps
from usage.models import Source, UsageBatch

_SOURCE = "app"


@page()
def setup(request: HttpRequest) -> HttpResponse:
    """Show the steps."""
    return respond(
        request,
        "setup",
        title="Setup",
        steps=setup_steps(today=timezone.localdate()),
        newest=newest_query(timezone.localdate()),
        zone=settings.REPORTING_ZONE,
        demo=Source.objects.filter(is_demo=True, usagebatch__isnull=False).exists(),
        waiting=not UsageBatch.objects.filter(source__is_demo=False).exists(),
        may_change=request.user.has_perm(CHANGE),
        may_make_keys=request.user.has_perm("usage.add_apikey"),
    )


@require_POST
@page("usage.add_apikey")
def setup_key(_request: HttpRequest) -> HttpResponse:
    """Lead to the form that creates a key, for a source of its own."""
    source, _ = Source.objects.get_or_create(name=_SOURCE)
    return redirect("admin:usage_source_create_api_key", source.pk)


@page(HEALTH)
def first_event(request: HttpRequest) -> JsonResponse:
    """Tell the waiting page whether an event has come; ?key= asks for one sent with that key."""
    batches = UsageBatch.objects.filter(source__is_demo=False)
    key = request.GET.get("key", "")
    if key.isdecimal():
        batches = batches.filter(api_key_id=int(key))
    return JsonResponse({"received": batches.exists()})


@require_POST
@page(CHANGE)
def remove_demo(request: HttpRequest) -> HttpResponse:
    """Remove the demo company."""
    try:
        messages.success(request, f"{remove(now=timezone.now()):,} demo events removed.")
    except ClosingError as error:
        messages.error(request, f"{error}.")
    return redirect("pages:setup")
