"""One customer: statement by month, cost by feature, model and user, invoices, events."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone

from billing.margin import MarginReport, allocations, margin, passed_over
from billing.measures import dimension
from billing.models import MonthClose, RecognitionPolicy
from billing.pages import charts
from billing.pages.access import page
from billing.pages.basis import bases, cost_basis
from billing.pages.evidence import events, invoice_lines
from billing.pages.explorer.links import why_link
from billing.pages.filters import chips, chosen
from billing.pages.period import Picked, picked
from billing.pages.render import respond
from billing.pages.strip import Part, strip
from billing.reports.accounts import accounts
from billing.reports.breakdown import cost_table
from billing.reports.decisions import measured
from billing.reports.health import health, thresholds
from billing.reports.missing_rates import used_table
from billing.reports.months import by_month
from billing.reports.rows import SPECIAL, quoted
from billing.reports.shares import borne_table
from billing.reports.statement import statement
from billing.reports.table import Table
from customers.models import Customer

_BY = ("feature", "model", "end_user")


@page()
def customer(request: HttpRequest, external_id: str) -> HttpResponse:
    """Show one customer; ?feature=, ?model= and ?end_user= filter cost and events."""
    found = get_object_or_404(Customer, external_id=external_id)
    month, basis = picked(request), cost_basis(request)
    key = found.external_id
    mine = {"customer": [key]}
    filters = {**mine, **chosen(request, ("feature", "provider", "model", "end_user"))}
    months = margin(by=["month"], period=month.chart, filters=mine, basis=basis)
    now = margin(by=["customer", "plan"], period=month.period, filters=mine, basis=basis)
    account = accounts(today=timezone.localdate(), only=[key])[key]
    total = now.total
    plans = sorted({now.labels["plan"].get(r.key[1], r.key[1]) for r in now.rows} - SPECIAL)
    decision = account.decision
    rows = by_month(months)
    return respond(
        request,
        "customer",
        title=found.name,
        table=statement(months, [f"{part.start:%Y-%m}" for part in month.chart.months()]),
        more=[*_borne(month, key), *_breakdowns(month, filters, basis), *_rates(now)],
        customer=found,
        account=account,
        plans=plans,
        figures=total,
        health=health(total.margin_pct, total.revenue, total.cost_of_revenue)
        if len(rows) > 1
        else "",
        searchable=False,
        billed=found.billed_as.order_by("external_id"),
        measured=measured(decision, rows, month.key) if decision else None,
        month=month,
        strip=[
            *strip(margin(by=["customer"], period=month.period, basis=basis)),
            *_passed_over(month, found),
        ],
        chips=[chip for chip in chips(filters) if chip.name != "customer"],
        chart=charts.monthly(rows, month.chart, title="Revenue against cost of revenue, by month"),
        lines=invoice_lines(request, found),
        events=events(request, found, month, filters),
        bases=bases(basis),
        why=why_link(request, month=month, filters=mine),
        explained=[("Health", thresholds())],
        parent=("Customers", "customers"),
    )


def _borne(month: Picked, key: str) -> list[Table]:
    """Show what the customer bears of each pool, if of any."""
    rows = [
        row
        for row in allocations(month.period)
        if (row.kind, row.target) == ("customer", key) and row.month == month.key
    ]
    if not rows:
        return []
    table = borne_table(rows, settings.REPORTING_CURRENCY)
    if month.running:
        note = "Of the whole month; the figures above bear the part of its days so far."
        return [replace(table, note=note)]
    is_closed = MonthClose.objects.filter(month=month.period.start, reopening=None).exists()
    note = "By today's amounts and rules; the month is closed, the figures above are as frozen."
    return [replace(table, note=note if is_closed else "")]


def _passed_over(month: Picked, found: Customer) -> list[Part]:
    """Say which plan accrues usage that another would too."""
    parts = []
    for mine, first in passed_over(month.period, found.pk):
        measure = RecognitionPolicy.Measure(first.usage[0]).label
        by = f"accrued by {first.plan}, there since {first.since}"
        text = f"usage in {measure} is {by}, not by {mine.plan} as well"
        parts.append(Part(text, reverse("admin:billing_recognitionpolicy_changelist")))
    return parts


def _rates(now: MarginReport) -> list[Table]:
    """Show the rates the figures of the month were converted by, if by any."""
    return [used_table(now.rates)] if now.rates else []


def _breakdowns(month: Picked, filters: Mapping[str, Sequence[str]], basis: str) -> list[Table]:
    """Cost by feature, model and end user; a row narrows the page to itself."""
    customer = quoted(filters["customer"][0])
    tables = []
    for by in _BY:
        table = cost_table(
            margin(by=[by], period=month.period, filters=filters, basis=basis),
            margin(by=[by], period=month.before, filters=filters, basis=basis),
            caption=f"AI cost by {dimension(by).label.lower()}",
            link=lambda row, by=by: f"customer/{customer}?{by}={quoted(row.key[0])}",  # type: ignore[misc]
        )
        tables.append(replace(table, sort=""))
    return tables
