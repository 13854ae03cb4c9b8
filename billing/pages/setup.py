"""Setup: five steps from nothing to the first margin."""

from dataclasses import dataclass

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from billing.demo import remove
from billing.models import BillingCustomer, BillingImport
from billing.pages.access import CHANGE, page
from billing.pages.render import respond
from customers.models import Customer
from usage.models import Source, UsageBatch


@dataclass(frozen=True, slots=True)
class Step:
    """A step, whether it is done, and the button for it."""

    label: str
    done: bool
    state: str
    action: str
    link: str


@page()
def setup(request: HttpRequest) -> HttpResponse:
    """Show the steps with their state."""
    return respond(
        request,
        "setup",
        title="Setup",
        steps=_steps(),
        demo=Source.objects.filter(is_demo=True, usagebatch__isnull=False).exists(),
        waiting=not UsageBatch.objects.filter(source__is_demo=False).exists(),
        endpoint=request.build_absolute_uri(reverse("events")),
    )


def _steps() -> list[Step]:
    batches = UsageBatch.objects.count()
    imports = BillingImport.objects.filter(undone_at=None).count()
    unmatched = BillingCustomer.objects.filter(customer=None).count()
    zone, currency = settings.REPORTING_ZONE, settings.REPORTING_CURRENCY
    return [
        Step("Currency and time zone", True, f"{currency}, {zone}", "Set by environment", ""),
        Step(
            "Usage",
            bool(batches),
            f"{batches:,} batches received" if batches else "waiting for the first event",
            "Upload a usage file",
            reverse("pages:usage-upload"),
        ),
        Step(
            "Billing",
            bool(imports),
            f"{imports:,} files imported" if imports else "no invoice yet",
            "Upload a billing file",
            reverse("pages:billing-upload"),
        ),
        Step(
            "Match customers",
            bool(imports) and not unmatched,
            f"{unmatched:,} billing customers without usage" if imports else "after billing",
            "Match",
            reverse("pages:matching"),
        ),
        Step(
            "Your first margin",
            bool(batches and imports and Customer.objects.exists()),
            "worst customer first",
            "Open customers",
            reverse("pages:customers"),
        ),
    ]


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
