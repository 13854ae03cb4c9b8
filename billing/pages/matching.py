"""Matching: what is sent, what is billed and whom we know, brought together by one click each."""

from collections import defaultdict
from urllib.parse import urlencode

from django.contrib import messages
from django.db import transaction
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
    undo_match,
)
from billing.models import BillingCustomer, MatchRecord
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
from billing.reports.matches import billed_together, matched
from customers.models import Customer

_NAMED = 3
_ALL_KNOWN = "Every call that names a customer names one that is known."


@page()
def matching(request: HttpRequest) -> HttpResponse:
    """Show what does not meet yet, over the chart's thirteen months."""
    month = picked(request)
    by_customer = margin(by=["customer"], period=month.chart)
    unpaid, unused = half_known(by_customer)
    find = request.GET.get("find", "").strip()[:200]
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
        matched=matched(find),
        find=find,
        together=billed_together(),
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
    """Map references or a billing customer, or create rows for them; merge two customers.

    Pairs of a key and what was suggested for it are accepted all together or none.
    """
    side, keys = request.POST.get("side", ""), request.POST.getlist("key")
    pairs = [tuple(pair.split("\t", 1)) for pair in request.POST.getlist("pair") if "\t" in pair]
    target = request.POST.get("target", "").strip()
    if not keys and not pairs:
        messages.error(request, "Nothing was chosen.")
        return _back(request)
    try:
        done = _accept(request, side, pairs) if pairs else _match(request, side, keys, target)
        messages.success(request, done)
    except ValueError as error:
        messages.error(request, f"{error}.")
    return _back(request)


@require_POST
@page(CHANGE)
def unmatch(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a match back: the billing customer gets what it had before."""
    record = get_object_or_404(MatchRecord, pk=pk)
    try:
        billed = undo_match(record=record, user=request.user)
        now = f"{billed.customer} again" if billed.customer else "not matched"
        messages.success(request, f"{billed} is {now}.")
    except ValueError as error:
        messages.error(request, f"{error}.")
    return _back(request)


def _back(request: HttpRequest) -> HttpResponse:
    month = request.POST.get("month", "")
    query = f"?{urlencode({'month': month})}" if month else ""
    return redirect(reverse("pages:matching") + query)


def _match(request: HttpRequest, side: str, keys: list[str], target: str) -> str:
    if side in KINDS:
        rows = map_references(kind=side, references=keys, target=target, user=request.user)
        named = rows[0].name if len(rows) == 1 else f"{len(rows):,} new {KINDS[side].label}s"
        return f"{_listed(keys)}: now {named}."
    if side == "merge":
        gone = get_object_or_404(Customer, external_id=keys[0])
        keep = get_object_or_404(Customer, external_id=target)
        kept = merge_customers(keep=keep, gone=gone, user=request.user)
        return f"{gone.name} is now {kept.name}."
    return _match_billing(request, keys, target)


def _match_billing(request: HttpRequest, keys: list[str], target: str) -> str:
    billed = list(BillingCustomer.objects.filter(external_id__in=keys))
    found = [match_billed(billed=one, target=target, user=request.user) for one in billed]
    named = found[0] if len(found) == 1 else f"{len(found):,} customers of their own"
    return f"{_listed([str(one) for one in billed])}: now {named}."


def _accept(request: HttpRequest, side: str, pairs: list[tuple[str, ...]]) -> str:
    """Accept what was suggested for several at once."""
    with transaction.atomic():
        if side in KINDS:
            targets: dict[str, list[str]] = defaultdict(list)
            for key, target in pairs:
                targets[target].append(key)
            for target, keys in sorted(targets.items()):
                map_references(kind=side, references=keys, target=target, user=request.user)
        else:
            for key, target in pairs:
                billed = get_object_or_404(BillingCustomer, external_id=key)
                match_billed(billed=billed, target=target, user=request.user)
    return f"{_listed([pair[0] for pair in pairs])}: {len(pairs):,} suggestions accepted."


def _listed(names: list[str]) -> str:
    return f"{', '.join(names[:_NAMED])}{' …' if len(names) > _NAMED else ''}"
