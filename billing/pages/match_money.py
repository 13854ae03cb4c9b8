"""What a match or a merge moves, in money and months, before anybody says so."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.http import urlencode

from billing.models import BillingCustomer, Decision
from billing.pages.access import CHANGE, page
from billing.pages.period import picked
from billing.pages.render import respond
from billing.reports.history import history
from billing.reports.matches import match_table, merge_table
from customers.models import Customer
from usage.models import Context

_MERGED = (
    "Merging makes the first another name of the second, back into the past. The customers stay "
    "one: a merge cannot be taken back."
)
_MATCHED = "The revenue of the bill becomes that of the customer, in all months; it can be undone."


@page()
def match_money(request: HttpRequest) -> HttpResponse:
    """Show ?side=merge&key=&target= or ?side=billing&key=&target= by month; nothing is changed."""
    side, key = request.GET.get("side", ""), request.GET.get("key", "")
    target = request.GET.get("target", "").strip()
    month = picked(request)
    found = (_merge if side == "merge" else _billed)(request, key, target)
    if found is None:
        return redirect(f"{reverse('pages:matching')}?{urlencode({'month': month.key})}")
    period = history(month.period)
    if side == "merge":
        table = merge_table(keep=target, gone=key, period=period)
    else:
        table = match_table(billed=found["billed"], target=target, period=period)
    return respond(
        request,
        "match_money",
        title="What would move",
        table=table,
        month=month,
        searchable=False,
        note=_MERGED if side == "merge" else _MATCHED,
        side=side,
        key=key,
        target=target,
        may_change=request.user.has_perm(CHANGE),
        parent=("Matching", "matching"),
        **found,
    )


def _merge(request: HttpRequest, key: str, target: str) -> dict[str, Any] | None:
    gone = get_object_or_404(Customer, external_id=key)
    keep = Customer.objects.filter(external_id=target).first()
    if keep is None or keep.pk == gone.pk:
        messages.error(request, f"{target!r} is no other customer; choose one of the list.")
        return None
    decisions = Decision.objects.filter(customer=gone).count()
    counts = [
        ("billing customers", gone.billed_as.count()),
        ("aliases", gone.aliases.count() + 1),
        ("end users", gone.enduser_set.count()),
        ("attributes", gone.attributes.count()),
        ("decisions", decisions),
    ]
    return {"names": (gone.name, keep.name), "counts": counts}


def _billed(request: HttpRequest, key: str, target: str) -> dict[str, Any] | None:
    billed = get_object_or_404(BillingCustomer, external_id=key)
    if not target:
        messages.error(request, f"Say first which customer {billed} may be.")
        return None
    keep = Customer.objects.filter(external_id=target).first()
    if keep is None and not Context.objects.filter(customer_reference=target).exists():
        messages.error(
            request, f"{target!r} is no customer and no name in the usage; choose one of the list."
        )
        return None
    return {"billed": billed, "names": (str(billed), keep.name if keep else target), "counts": []}
