"""Setup: five steps from nothing to the first margin, each with its state and one button."""

import secrets

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from billing.demo import remove
from billing.pages.access import CHANGE, page
from billing.pages.render import respond
from billing.pages.setup_steps import setup_steps
from usage.keys import create_key
from usage.models import ApiKey, Source, UsageBatch

_SOURCE = "app"


@page()
def setup(request: HttpRequest) -> HttpResponse:
    """Show the steps; a key made a moment ago is shown this once."""
    return respond(
        request,
        "setup",
        title="Setup",
        steps=setup_steps(today=timezone.localdate()),
        zone=settings.REPORTING_ZONE,
        key=request.session.pop("new_key", ""),
        demo=Source.objects.filter(is_demo=True, usagebatch__isnull=False).exists(),
        waiting=not UsageBatch.objects.filter(source__is_demo=False).exists(),
        endpoint=request.build_absolute_uri(reverse("events")),
        first_id=f"first-{secrets.token_hex(4)}",
        may_change=request.user.has_perm(CHANGE),
        may_make_keys=request.user.has_perm("usage.add_apikey"),
    )


@require_POST
@page("usage.add_apikey")
def setup_key(request: HttpRequest) -> HttpResponse:
    """Create a key for sending events and show it once on the setup page."""
    source, _ = Source.objects.get_or_create(name=_SOURCE)
    try:
        key = create_key(source=source, scopes=[ApiKey.Scope.EVENTS_WRITE])
    except ValueError as error:
        messages.error(request, str(error))
    else:
        request.session["new_key"] = key
    return redirect(f"{reverse('pages:setup')}#usage")


@page()
def first_event(_request: HttpRequest) -> JsonResponse:
    """Tell the waiting page whether an event has come."""
    newest = UsageBatch.objects.filter(source__is_demo=False).order_by("-pk").first()
    return JsonResponse({"received": newest is not None})


@require_POST
@page(CHANGE)
def remove_demo(request: HttpRequest) -> HttpResponse:
    """Remove the demo company."""
    messages.success(request, f"{remove(now=timezone.now()):,} demo events removed.")
    return redirect("pages:setup")
