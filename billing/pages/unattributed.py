"""Unattributed: calls without a customer or feature, by money, given away by one click."""

from collections import defaultdict
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from billing.margin import margin
from billing.matching import KINDS, assign_groups
from billing.pages.access import CHANGE, page
from billing.pages.period import picked
from billing.pages.render import respond
from billing.pages.strip import strip
from billing.reports.reattributed import rules_waiting
from billing.reports.unattributed import unattributed_queue
from usage.models import AttributionRun

_TABS = ("customer", "feature")


@page()
def unattributed(request: HttpRequest) -> HttpResponse:
    """Show the queue over the chart's thirteen months; ?kind=feature is the second tab."""
    month = picked(request)
    kind = _kind(request.GET.get("kind", ""))
    field = request.GET.get("by", "")
    queue = unattributed_queue(kind=kind, period=month.chart, field=field)
    return respond(
        request,
        "unattributed",
        title="Unattributed",
        month=month,
        strip=strip(margin(by=["customer"], period=month.period)),
        queue=queue,
        tabs=_TABS,
        field=field,
        known=KINDS[kind].model.objects.order_by("name").values_list("external_id", "name"),
        last=_last(),
        waiting=rules_waiting(),
        may_change=request.user.has_perm(CHANGE),
    )


@require_POST
@page(CHANGE)
def assign(request: HttpRequest) -> HttpResponse:
    """Give the chosen groups to a customer or feature; rules wait if others do already."""
    kind = _kind(request.POST.get("kind", ""))
    groups: dict[str, list[str]] = defaultdict(list)
    for key in request.POST.getlist("group"):
        field, _, value = key.partition("\t")
        groups[field].append(value)
    waiting = rules_waiting()
    try:
        run = assign_groups(
            kind=kind,
            groups=groups,
            target=request.POST.get("target", "").strip(),
            user=request.user,
            apply=not waiting,
        )
    except ValueError as error:
        messages.error(request, f"{error}.")
        return redirect(_back(request, kind))
    if waiting and rules_waiting() != waiting:
        messages.info(request, f"The rule waits, since others do: {', '.join(waiting)}.")
        return redirect("pages:rules-preview")
    if run:
        done = f"Run {run.pk}: contexts changed: {run.changed:,}. Undo below."
        messages.success(request, done)
    return redirect(_back(request, kind))


def _kind(text: str) -> str:
    return text if text in _TABS else _TABS[0]


def _last() -> AttributionRun | None:
    """Return the newest run if a person made it."""
    newest = AttributionRun.objects.exclude(kind=AttributionRun.Kind.USAGE).order_by("-pk").first()
    return newest if newest and newest.created_by_id else None


def _back(request: HttpRequest, kind: str) -> str:
    query = {"kind": kind, "month": request.POST.get("month", ""), "by": request.POST.get("by", "")}
    kept = {name: value for name, value in query.items() if value}
    return f"{reverse('pages:unattributed')}?{urlencode(kept)}"
