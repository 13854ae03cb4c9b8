"""Reconciliation of a month: what providers billed against what was tracked."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from billing.margin import margin
from billing.models import ProviderImport
from billing.pages import charts
from billing.pages.access import page
from billing.pages.closed_note import as_of_now
from billing.pages.period import picked
from billing.pages.reconciliation.words import sentence
from billing.pages.render import respond
from billing.pages.strip import strip
from billing.reconciliation import PARTS, Reconciliation, history, reconcile
from billing.reports.reconciliation import effects, parts_table, providers_table
from tknops.calendar import Period
from tknops.money import EXACT

RUNNING = "The month is running: bills and usage of its UTC days so far, reports to yesterday."
BY_UTC = "Bills by UTC day, in the reporting currency."
READ = "bills and true-ups are read"
ZERO = Decimal(0)


@page()
def reconciliation(request: HttpRequest) -> HttpResponse:
    """Show each provider's bill of a UTC month beside its tracked cost, and where they differ."""
    month = picked(request)
    found = reconcile(month.period.start)
    billed = [one for one in found if one.billed is not None]
    label = f"{month.period.start:%B %Y}"
    return respond(
        request,
        "reconciliation/month",
        title="Reconciliation",
        table=providers_table(found),
        searchable=False,
        more=[parts_table(found)] if billed else [],
        month=month,
        stands_alone=BY_UTC,
        strip=[
            *strip(margin(by=["customer"], period=month.period)),
            *as_of_now(month.period, READ),
        ],
        note=RUNNING if month.running else "",
        sentence=sentence(found, label),
        no_bills=not ProviderImport.objects.filter(state="APPLIED").exists(),
        chart=waterfall(billed, label) if billed else None,
        trend=_trend(month.chart),
        zone=_zone(),
        explained=list(PARTS.values()),
    )


def waterfall(found: Sequence[Reconciliation], label: str) -> dict[str, Any]:
    """Draw the steps from the cost reports show to the bill."""
    with_bill = [one for one in found if one.billed is not None]
    return charts.waterfall(
        effects(with_bill),
        sum((one.reported for one in with_bill), ZERO),
        start="Tracked in reports",
        end="Billed",
        title=f"From tracked to billed, {label}",
        words=("part of the variance", "cost"),
    )


def _trend(chart: Period) -> dict[str, Any] | None:
    """Draw billed and tracked cost of usage by UTC month, of the providers with a bill."""
    months = [part.start for part in chart.months()]
    billed, tracked = history(months)
    if not billed:
        return None
    sides = {"Billed usage": billed, "Tracked": {k: v for k, v in tracked.items() if k in billed}}
    return charts.bars(
        [f"{one:%b %y}" for one in months],
        {
            name: [_sum(v for (_, on), v in by.items() if on == one) for one in months]
            for name, by in sides.items()
        },
        title="Billed cost of usage and what was tracked of it, by UTC month",
    )


def _sum(values: Any) -> Decimal | None:
    known = list(values)
    total = ZERO
    for value in known:
        total = EXACT.add(total, value)
    return total if known else None


def _zone() -> str:
    """Say in which zone reports cut days, where providers cut them elsewhere."""
    name = str(settings.REPORTING_ZONE)
    return "" if name == "UTC" else name
