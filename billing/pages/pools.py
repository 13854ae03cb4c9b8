"""Shared cost: the pools of a month, who bears one, and what one target bears."""

from collections.abc import Sequence
from decimal import Decimal

from django.conf import settings
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from billing.margin import Allocation, allocations, margin
from billing.models import AllocationRule, CostPool
from billing.pages import charts
from billing.pages.access import page
from billing.pages.closed_note import as_of_now
from billing.pages.filters import Chip
from billing.pages.period import Picked, picked
from billing.pages.render import respond
from billing.pages.strip import strip
from billing.reports.pools import month_table, months_table, rule_text
from billing.reports.rows import name
from billing.reports.shares import borne_table, targets_table
from tknops.calendar import Period

_TARGETS = AllocationRule.Target.values
_SPREAD = """an amount falls on the days of its service period straight-line, by cumulative
difference; a part of a month bears the part of its days"""
_DRIVER = """measured over the days of the month on which the rule is in force; who has no customer,
plan or feature bears nothing; by revenue, one below 0 counts as none"""
_TAKEN = """the pool takes the AI cost without a customer that passes its filter, rounded to the
minor unit, and the unattributed row bears as much less: it is counted once"""
_READ = "amounts and rules of pools are read"
_RUNNING = "Amounts here are of the whole month; other pages bear the part of its days so far."
_EXPLAINED = [("Spread", _SPREAD), ("Driver", _DRIVER), ("From unattributed usage", _TAKEN)]


@page()
def shared_cost(request: HttpRequest) -> HttpResponse:
    """Show the pools of a month; ?customer=, ?plan= or ?feature= what that one bears."""
    month = picked(request)
    rows = allocations(month.chart)
    now = [row for row in rows if row.month == month.key]
    target = next(((kind, key) for kind in _TARGETS if (key := request.GET.get(kind))), None)
    table = month_table(now, _pools(), _in_force(month), settings.REPORTING_CURRENCY)
    more = []
    chips = []
    if target:
        borne = [row for row in now if (row.kind, row.target) == target]
        more.append(borne_table(borne, settings.REPORTING_CURRENCY))
        report = margin(by=[target[0]], period=month.period, filters={target[0]: [target[1]]})
        chips.append(Chip(target[0], target[0].capitalize(), name(report, *target)))
    return respond(
        request,
        "shared_cost",
        title="Shared cost",
        table=table,
        more=more,
        month=month,
        strip=[
            *strip(margin(by=["customer"], period=month.period)),
            *as_of_now(month.chart, _READ),
        ],
        chips=chips,
        no_pools=not table.rows,
        note=_RUNNING if month.running else "",
        chart=_chart(rows, month.chart) if table.rows else None,
        explained=_EXPLAINED,
    )


@page()
def cost_pool(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one pool: the month's targets, its months, amounts and rules."""
    pool = get_object_or_404(CostPool, pk=pk)
    month = picked(request)
    rows = [row for row in allocations(month.chart) if row.pool.pk == pool.pk]
    now = [row for row in rows if row.month == month.key]
    targets = targets_table(now, settings.REPORTING_CURRENCY) if now else None
    history = months_table(rows, settings.REPORTING_CURRENCY)
    rules = sorted(pool.rules.all(), key=lambda rule: (str(rule.valid_from or ""), rule.pk))
    return respond(
        request,
        "cost_pool",
        title=pool.name,
        table=targets,
        more=[history],
        month=month,
        strip=as_of_now(month.chart, _READ),
        pool=pool,
        note=_RUNNING if month.running else "",
        chart=_chart(rows, month.chart),
        amounts=pool.amounts.order_by("-service_start", "-pk"),
        rules=[(rule, rule_text(rule)) for rule in rules],
        explained=_EXPLAINED,
        parent=("Shared cost", "shared-cost"),
    )


def _pools() -> list[CostPool]:
    return list(CostPool.objects.order_by("name"))


def _in_force(month: Picked) -> dict[int, str]:
    """Say for each pool what was in force at the end of the month, and whether that changed."""
    found: dict[int, list[str]] = {}
    for rule in AllocationRule.objects.order_by(F("valid_from").asc(nulls_first=True), "pk"):
        starts = rule.valid_from is None or rule.valid_from < month.period.end
        ends = rule.valid_to is not None and rule.valid_to <= month.period.start
        if starts and not ends:
            found.setdefault(rule.pool_id, []).append(rule_text(rule))
    return {pool: ", then ".join(texts) for pool, texts in found.items()}


def _chart(rows: Sequence[Allocation], chart: Period) -> dict[str, object]:
    """Stack the pools by month, in the reporting currency."""
    months = [f"{part.start:%Y-%m}" for part in chart.months()]
    sums: dict[str, dict[str, Decimal | None]] = {}
    for row in rows:
        if row.currency == settings.REPORTING_CURRENCY and not row.is_taken:
            by_month = sums.setdefault(row.pool.name, dict.fromkeys(months))
            by_month[row.month] = (by_month[row.month] or 0) + row.amount
    series = {pool: list(amounts.values()) for pool, amounts in sorted(sums.items())}
    return charts.stacked_series(months, series, title="Shared cost by pool")
