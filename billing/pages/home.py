"""Where the sign-in leads: each role to the page it works with."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from billing.models import BillingImport
from billing.pages.access import CHANGE, HEALTH, VIEW, page
from usage.models import UsageBatch


@page(None)
def home(request: HttpRequest) -> HttpResponse:
    """Lead to the overview, or to the setup while there is nothing to look at."""
    user = request.user
    if not user.has_perm(VIEW):
        return redirect("pages:data-health" if user.has_perm(HEALTH) else "pages:records")
    empty = not (UsageBatch.objects.exists() or BillingImport.objects.exists())
    return redirect("pages:setup" if empty and user.has_perm(CHANGE) else "pages:overview")
