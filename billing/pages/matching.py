"""Matching: the two queues of the join, one click each."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from billing.margin import margin
from billing.matching import create_customer_for, map_billing_customer, map_reference
from billing.models import BillingCustomer
from billing.pages.access import CHANGE, page
from billing.pages.period import picked
from billing.pages.render import respond
from billing.pages.strip import strip
from billing.reports.join_health import unattributed_usage, unmatched_billing
from customers.models import Customer


@page()
def matching(request: HttpRequest) -> HttpResponse:
    """Show what does not meet yet."""
    month = picked(request)
    return respond(
        request,
        "matching",
        title="Matching",
        month=month,
        strip=strip(margin(by=["customer"], period=month.period)),
        usage=unattributed_usage(month.chart),
        billing=unmatched_billing(month.chart),
        customers=Customer.objects.order_by("name").values_list("external_id", "name"),
        may_change=request.user.has_perm(CHANGE),
    )


@require_POST
@page(CHANGE)
def match(request: HttpRequest) -> HttpResponse:
    """Map a usage reference or billing customer to a customer, or create one for it."""
    key, chosen = request.POST.get("key", ""), request.POST.get("customer", "")
    target = get_object_or_404(Customer, external_id=chosen) if chosen else None
    if request.POST.get("side") == "usage":
        customer = map_reference(reference=key, customer=target)
    else:
        billed = get_object_or_404(BillingCustomer, external_id=key)
        if target:
            map_billing_customer(billed=billed, customer=target)
        customer = target or create_customer_for(billed=billed)
    messages.success(request, f"{key} is now {customer.name}.")
    return redirect("pages:matching")
