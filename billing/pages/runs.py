"""Attribution runs: each a revision one can look at, compare and take back."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST

from billing.pages.access import CHANGE, page
from billing.pages.paging import page_number
from billing.pages.render import respond
from billing.pages.rules import AT_ONCE, MOST, shown
from billing.reports.reattributed import moves_between, rules_waiting, run_moves
from billing.reports.reattributed_tables import tables_of
from billing.reports.rule_changes import rule_changes
from tknops.jobs.run import start
from usage.models import AttributionRun, Context

_SIZE = 50
_DIGITS = 10
_RULES = 50


@page()
def attribution_runs(request: HttpRequest) -> HttpResponse:
    """List the runs, newest first; those of new usage only when asked for."""
    runs = AttributionRun.objects.select_related("created_by", "rule_revision", "reverted")
    everything = request.GET.get("kind") == "all"
    if not everything:
        runs = runs.exclude(kind=AttributionRun.Kind.USAGE)
    number = page_number(request, "runs")
    found = list(runs.order_by("-pk")[(number - 1) * _SIZE : number * _SIZE + 1])
    return respond(
        request,
        "attribution_runs",
        title="Attribution runs",
        runs=found[:_SIZE],
        part={
            "name": "runs",
            "page": number,
            "newer": number - 1,
            "older": number + 1 if len(found) > _SIZE else 0,
        },
        everything=everything,
        waiting=rules_waiting(),
    )


@page()
def attribution_run(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what a run moved, or with ?against=, what moved between two."""
    runs = AttributionRun.objects.select_related("created_by", "rule_revision", "reverted")
    run = get_object_or_404(runs, pk=pk)
    against = runs.filter(pk=_number(request.GET.get("against", ""))).exclude(pk=pk).first()
    found = moves_between(run, against) if against else run_moves(run)
    before = runs.filter(pk__lt=run.pk).order_by("-pk").first()
    tables = tables_of(found)
    changes, unlisted = rule_changes(against or before, run, most=_RULES)
    return respond(
        request,
        "attribution_run",
        title=f"Run {run.pk}",
        table=tables[0] if tables else None,
        more=tables[1:],
        most=MOST,
        searchable=False,
        run=run,
        against=against,
        found=found,
        changes=changes,
        unlisted=unlisted,
        others=runs.exclude(pk=pk).exclude(kind=AttributionRun.Kind.USAGE).order_by("-pk")[:_SIZE],
        may_change=request.user.has_perm(CHANGE),
    )


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < _DIGITS else 0


@require_POST
@page(CHANGE)
def run_revert(request: HttpRequest, pk: int) -> HttpResponse:
    """Restore the state before a run."""
    run = get_object_or_404(AttributionRun, pk=pk)
    user: Any = request.user
    job = start(
        kind="revert-run",
        arguments={"run": run.pk, "user": user.pk},
        user=user,
        at_once=Context.objects.count() <= AT_ONCE,
    )
    return shown(request, job)
