"""Tags: which keys cover how much of the cost, what they are called, which values are one."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from billing.dimensions import known, reserved
from billing.margin import margin
from billing.measures import NONE, NOT_SPLIT, TAG, TAG_NAME
from billing.pages.access import page
from billing.pages.period import picked
from billing.pages.render import respond
from billing.pages.strip import strip
from billing.reports.breakdown import cost_table
from billing.reports.rows import quoted
from billing.reports.tags import covered, key_table, merge_table, state
from usage.ingest.tags import OTHER
from usage.models import TagAlias, TagDimension
from usage.tagging import (
    alias_values,
    ignore_key,
    key_use,
    name_key,
    offer_key,
    overflow,
    remove_alias,
    spelt_alike,
)

NAME = "usage.change_tagdimension"
ALIAS = "usage.add_tagalias"
UNALIAS = "usage.delete_tagalias"
_ASKED = 30
_LISTED = 100
_MERGES = "These rows become one; totals of reports, customers and months stay as they are."
_UNASKED = "Money is asked for the {} most used keys; a key's own page has its figures."


@page()
def tags(request: HttpRequest) -> HttpResponse:
    """Show every tag key with what it covers."""
    month = picked(request)
    uses = key_use()
    named = {row.key: row for row in TagDimension.objects.all()}
    asked = [use.key for use in uses if not (use.key in named and named[use.key].is_ignored)]
    reports = {
        key: margin(by=[TAG + key], period=month.period)
        for key in asked[:_ASKED]
    }  # fmt: skip
    return respond(
        request,
        "tags",
        title="Tags",
        table=key_table(uses, named, reports),
        month=month,
        strip=strip(margin(by=["customer"], period=month.period)),
        empty=not uses,
        overflow=overflow(),
        other=OTHER,
        note=_UNASKED.format(_ASKED) if len(asked) > _ASKED else "",
    )


@page()
def tag(request: HttpRequest, key: str) -> HttpResponse:
    """Show one key: its values by money, its names, what is read as one."""
    use = _use(key)
    month = picked(request)
    by = TAG + key
    now = margin(by=[by], period=month.period)
    year = margin(by=[by], period=month.chart)
    settled = TagDimension.objects.filter(key=key).first()
    values = _values(year)
    table = cost_table(
        now,
        margin(by=[by], period=month.before),
        caption=f"AI cost by {known(by).label}",
        link=lambda row: f"features?{by}={quoted(row.key[0])}",
    )
    return respond(
        request,
        "tag",
        title=f"Tag {key}",
        table=table,
        month=month,
        use=use,
        state=state(use, settled),
        settled=settled,
        covered=covered(now),
        values=values[:_LISTED],
        unlisted=max(0, len(values) - _LISTED),
        alike=spelt_alike(values),
        aliases=TagAlias.objects.filter(key=key).select_related("created_by").order_by("value"),
        may_name=request.user.has_perm(NAME),
        may_alias=request.user.has_perm(ALIAS),
        may_unalias=request.user.has_perm(UNALIAS),
        parent=("Tags", "tags"),
    )


@page()
def tag_merge(request: HttpRequest, key: str) -> HttpResponse:
    """Show in money what reading ?value=… as ?canonical= would merge; nothing is changed."""
    _use(key)
    month = picked(request)
    values = request.GET.getlist("value")
    canonical = request.GET.get("canonical", "").strip()
    if not canonical or not set(values) - {canonical}:
        messages.error(request, "Choose the values that are one, and what they are read as.")
        return _back(request, key)
    by = TAG + key
    return respond(
        request,
        "tag_merge",
        title=f"Tag {key}: values read as {canonical}",
        table=merge_table(
            margin(by=[by], period=month.period),
            margin(by=[by], period=month.chart),
            values,
            canonical,
        ),
        month=month,
        searchable=False,
        note=_MERGES,
        key=key,
        values=sorted(set(values) - {canonical}),
        canonical=canonical,
        reason=request.GET.get("reason", ""),
        may_alias=request.user.has_perm(ALIAS),
        parent=(f"Tag {key}", f"tag/{key}"),
    )


@require_POST
@page(ALIAS)
def tag_alias(request: HttpRequest, key: str) -> HttpResponse:
    """Read values as another one from now on, in reports of all days."""
    _use(key)
    canonical = request.POST.get("canonical", "").strip()
    found = _told(
        request,
        alias_values,
        key=key,
        values=request.POST.getlist("value"),
        canonical=canonical,
        reason=request.POST.get("reason", "")[:200],
        user=request.user,
    )
    if found is not None:
        messages.success(request, f"{len(found):,} more values are read as {canonical}.")
    return _back(request, key)


@require_POST
@page(UNALIAS)
def tag_alias_remove(request: HttpRequest, key: str, pk: int) -> HttpResponse:
    """Read a value as itself again."""
    if found := remove_alias(pk=pk):
        messages.success(request, f"{found.value} is read as itself again.")
    return _back(request, key)


@require_POST
@page(NAME)
def tag_name(request: HttpRequest, key: str) -> HttpResponse:
    """Name a key, or take its name back; ?offer=no stops offering it, yes offers it again."""
    _use(key)
    offer = request.POST.get("offer", "")
    if offer:
        (ignore_key if offer == "no" else offer_key)(key=key)
        told = "is offered no more" if offer == "no" else "is offered again"
        messages.success(request, f"{key} {told}; no figure changed.")
        return _back(request, key)
    label = request.POST.get("label", "").strip()[:60]
    found = _told(
        request,
        name_key,
        key=key,
        label=label,
        description=request.POST.get("description", "").strip()[:300],
        name=request.POST.get("name", "").strip(),
        reserved=reserved(),
    )
    if found is not None:
        told = f"is the dimension {label}" if label else "has no name of its own"
        messages.success(request, f"{key} {told} now, for all usage there is.")
    return _back(request, key)


def _told(request: HttpRequest, change: Any, **fields: Any) -> Any:
    """Make a change, or say what is wrong with it and return None."""
    try:
        return change(**fields)
    except ValueError as error:
        messages.error(request, f"{error}")
        return None


def _use(key: str) -> Any:
    """Find a key in use, or answer 404."""
    found = next((use for use in key_use() if use.key == key), None)
    if found is None or not TAG_NAME.fullmatch(TAG + key):
        message = f"no tag key {key!r} is in use"
        raise Http404(message)
    return found


def _values(report: Any) -> list[str]:
    """List the values by money, what is no value left out."""
    rows = sorted(report.rows, key=lambda row: (-(row.cost or 0), row.key))
    return [row.key[0] for row in rows if row.key[0] not in {NONE, NOT_SPLIT, OTHER}]


def _back(request: HttpRequest, key: str) -> HttpResponse:
    month = (request.GET or request.POST).get("month", "")
    query = f"?{urlencode({'month': month})}" if month else ""
    return redirect(reverse("pages:tag", args=[key]) + query)
