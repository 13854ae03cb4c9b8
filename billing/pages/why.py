"""Why is this cost here: what decided the attribution of a context on a day."""

import datetime as dt

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone

from billing.pages.access import page
from billing.pages.asked import day_of
from billing.pages.render import respond
from usage.attribution import why
from usage.keys import key_names
from usage.models import Attribution, Context


@page()
def why_here(request: HttpRequest, context_id: int) -> HttpResponse:
    """Show a context as sent, what it means on ?day= and why, and its other days."""
    related = Context.objects.select_related("sku", "source", "user_reference")
    context = get_object_or_404(related, pk=context_id)
    day = _day(request)
    rows = Attribution.objects.filter(context=context).select_related(
        "customer", "feature", "team", "end_user", "run", "superseded_by"
    )
    return respond(
        request,
        "why",
        title="Why is this cost here?",
        context=context,
        key_prefixes=key_names().get(context.api_key, ""),
        day=day,
        reasons=why(context_id=context.pk, day=day),
        history=rows.order_by("-run_id", "valid_from", "pk")[:50],
    )


def _day(request: HttpRequest) -> dt.date:
    today = timezone.localdate()
    # The day of an event in UTC may be tomorrow here.
    latest = today + dt.timedelta(days=1)
    return day_of(request, "day", latest=latest) or today
