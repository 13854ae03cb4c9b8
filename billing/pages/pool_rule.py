"""A rule of a pool: written in a form, looked at in money, then stored or taken out."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone

from billing.margin import rehearse
from billing.models import AllocationRule, CostPool
from billing.pages.access import page
from billing.pages.pool_forms import RuleForm
from billing.pages.render import respond
from billing.pools import adopt_rule, with_rule, withdraw_rule
from billing.reports.shares import change_table
from billing.reports.table import Table
from tknops.calendar import Period, add_months, month_start

ADD = "billing.add_allocationrule"
REMOVE = "billing.delete_allocationrule"
_SHOWN_MONTHS = 3


@page(ADD)
def new_rule(request: HttpRequest, pk: int) -> HttpResponse:
    """Write a rule for a pool."""
    pool = get_object_or_404(CostPool, pk=pk)
    return _answer(request, AllocationRule(pool=pool), pool, starting=_starting(pool))


@page(ADD)
def edit_rule(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a rule, or take it out."""
    rule = get_object_or_404(AllocationRule.objects.select_related("pool"), pk=pk)
    return _answer(request, rule, rule.pool)


def _answer(
    request: HttpRequest, rule: AllocationRule, pool: CostPool, starting: Any = None
) -> HttpResponse:
    asked = request.POST.get("do", "")
    if asked == "remove":
        return _remove(request, rule, pool)
    form = RuleForm(request.POST or None, instance=rule, initial=starting, label_suffix="")
    table = None
    if asked == "preview-removal":
        others = [one for one in pool.rules.all() if one.pk != rule.pk]
        table = _moved(pool, others)
        form = RuleForm(instance=rule, label_suffix="")
    elif request.method == "POST" and form.is_valid():
        changed, ends = form.save(commit=False), form.ends
        if asked == "save":
            changed.created_by_id = changed.created_by_id or request.user.pk
            try:
                adopt_rule(rule=changed, ends=ends)
            except IntegrityError:  # somebody stored another one since the form was checked
                messages.error(request, f"{pool.name}: its rules have changed; look again.")
                return redirect("pages:cost-pool", pool.pk)
            messages.success(request, f"{pool.name}: shared {changed}.")
            return redirect("pages:cost-pool", pool.pk)
        table = _moved(pool, with_rule(changed, ends))
    return respond(
        request,
        "pool_rule",
        title=f"Rule for {pool.name}",
        form=form,
        pool=pool,
        rule=rule,
        more=[table] if table else [],
        removing=asked == "preview-removal",
        previewed=table is not None,
        looked_at=True,
        may_remove=rule.pk and request.user.has_perm(REMOVE),
        parent=("Shared cost", "shared-cost"),
    )


def _starting(pool: CostPool) -> dict[str, Any]:
    """Suggest all days for a first rule, this month on for the next."""
    if not pool.rules.exists():
        return {}
    return {"valid_from": month_start(timezone.localdate()), "ends_before": True}


def _moved(pool: CostPool, rules: list[AllocationRule]) -> Table:
    """Compare the last complete months and the running one, before and after."""
    start = month_start(timezone.localdate())
    period = Period(add_months(start, -_SHOWN_MONTHS), add_months(start, 1))
    before = rehearse(pool, list(pool.rules.all()), period)
    return change_table(before, rehearse(pool, rules, period), settings.REPORTING_CURRENCY)


def _remove(request: HttpRequest, rule: AllocationRule, pool: CostPool) -> HttpResponse:
    if not rule.pk or not request.user.has_perm(REMOVE):
        raise PermissionDenied
    withdraw_rule(rule=rule)
    messages.success(request, f"{pool.name}: the rule is taken out; the log keeps it.")
    return redirect("pages:cost-pool", pool.pk)
