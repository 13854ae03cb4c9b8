"""Matching: what is sent, what is billed and whom we know, brought together by one click each."""

from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from billing.margin import margin
from billing.matching import (
    KINDS,
    map_references,
    match_billed,
    merge_customers,
)
from billing.models import BillingCustomer
from billing.pages.access import CHANGE, page
from billing.pages.months import newest_usage
from billing.pages.period import picked
from billing.pages.render import respond
from billing.pages.strip import strip
from billing.reports.join_health import (
    half_known,
    join_health,
    unknown_references,
    unmatched_billing,
)
from customers.models import Customer

_NAMED = 3
_ALL_KNOWN = "Every call that names a customer names one that is known."


@page()
def matching(request: HttpRequest) -> HttpResponse:
    """Show what does not meet yet, over the chart's thirteen months."""
    month = picked(request)
    by_customer = margin(by=["customer"], period=month.chart)
    unpaid, unused = half_known(by_customer)
    unknown = unknown_references("customer", month.chart)
    elsewhere = None if by_customer.total.events else newest_usage(timezone.localdate())
    return respond(
        request,
        "matching",
        title="Matching",
        month=month,
        strip=strip(margin(by=["customer"], period=month.period)),
        health=join_health(by_customer),
        elsewhere=elsewhere,
        none_unknown="No call in these months." if elsewhere else _ALL_KNOWN,
        customers=unknown,
        billing=unmatched_billing(month.chart, unknown),
        unpaid=unpaid,
        unused=unused,
        others=[unknown_references(kind, month.chart) for kind in KINDS if kind != "customer"],
        known={
            kind: list(each.model.objects.order_by("name").values_list("external_id", "name"))
            for kind, each in KINDS.items()
            if kind != "end_user"
        },
        names=[one.key for one in unknown.rows],
        may_change=request.user.has_perm(CHANGE),
    )


@require_POST
@page(CHANGE)
def match(request: HttpRequest) -> HttpResponse:
    """Map references or a billing customer, or create rows for them; merge two customers."""
    side, keys = request.POST.get("side", ""), request.POST.getlist("key")
    target = request.POST.get("target", "").strip()
    if not keys:
        messages.error(request, "Nothing was chosen.")
        return redirect("pages:matching")
    try:
        messages.success(request, _match(side, keys, target))
    except ValueError as error:
        messages.error(request, f"{error}.")
    month = request.POST.get("month", "")
    query = f"?{urlencode({'month': month})}" if month else ""
    return redirect(reverse("pages:matching") + query)


def _match(side: str, keys: list[str], target: str) -> str:
    if side in KINDS:
        rows = map_references(kind=side, references=keys, target=target)
        named = rows[0].name if len(rows) == 1 else f"{len(rows):,} new {KINDS[side].label}s"
        return f"{_listed(keys)}: now {named}."
    if side == "merge":
        gone = get_object_or_404(Customer, external_id=keys[0])
        keep = get_object_or_404(Customer, external_id=target)
        return f"{gone.name} is now {merge_customers(keep=keep, gone=gone).name}."
    return _match_billing(keys, target)


def _match_billing(keys: list[str], target: str) -> str:
    billed = list(BillingCustomer.objects.filter(external_id__in=keys))
    found = [match_billed(billed=one, target=target) for one in billed]
    named = found[0] if len(found) == 1 else f"{len(found):,} customers of their own"
    return f"{_listed([str(one) for one in billed])}: now {named}."


def _listed(names: list[str]) -> str:
    return f"{', '.join(names[:_NAMED])}{' …' if len(names) > _NAMED else ''}"
