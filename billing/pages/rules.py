"""Preview of edited rules: what they would move, then apply or discard."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from billing.pages.access import CHANGE, page
from billing.pages.render import respond
from billing.reports.reattributed import preview_rules, rules_waiting
from billing.reports.reattributed_tables import tables_of
from tknops.jobs.models import Job
from tknops.jobs.run import start
from usage.attribution import discard_edits
from usage.models import Context

AT_ONCE = 20_000
# Rows of each table of money moved that are shown at first, the largest; the others are summed.
MOST = 20


@page()
def rules_preview(request: HttpRequest) -> HttpResponse:
    """Show what the rules as edited would move against those in force."""
    waiting = rules_waiting()
    found = preview_rules() if waiting else None
    tables = tables_of(found) if found else []
    return respond(
        request,
        "rules_preview",
        title="Preview of the attribution rules",
        table=tables[0] if tables else None,
        more=tables[1:],
        most=MOST,
        searchable=False,
        waiting=waiting,
        found=found,
        job=Job.objects.filter(kind="apply-rules").order_by("-pk").first(),
        may_change=request.user.has_perm(CHANGE),
    )


@require_POST
@page(CHANGE)
def rules_apply(request: HttpRequest) -> HttpResponse:
    """Put the rules in force; a worker does it where contexts are many."""
    reason = request.POST.get("reason", "").strip()[:200]
    names = ", ".join(rules_waiting())
    return apply_now(request, reason or f"rules applied: {names}"[:200])


def apply_now(request: HttpRequest, reason: str) -> HttpResponse:
    """Start the job and show where it ends."""
    user: Any = request.user
    job = start(
        kind="apply-rules",
        arguments={"reason": reason, "user": user.pk},
        user=user,
        at_once=Context.objects.count() <= AT_ONCE,
    )
    return shown(request, job)


def shown(request: HttpRequest, job: Job) -> HttpResponse:
    """Lead to the run a job made, or to its progress."""
    if job.state == Job.State.FAILED:
        messages.error(request, job.error)
        return redirect("pages:attribution-runs")
    if "run" in job.result:
        return redirect("pages:attribution-run", job.result["run"])
    return redirect("pages:job", job.pk)


@require_POST
@page(CHANGE)
def rules_discard(request: HttpRequest) -> HttpResponse:
    """Set the rules as edited back to those in force."""
    names = rules_waiting()
    discard_edits()
    messages.success(request, f"Discarded, nothing moved: {', '.join(names) or 'nothing waited'}.")
    return redirect("admin:usage_attributionrule_changelist")
