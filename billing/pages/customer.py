"""One customer: statement by month, cost by feature, model and user, invoices, events."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from billing.margin import margin
from billing.models import InvoiceLine
from billing.pages import charts
from billing.pages.access import page
from billing.pages.period import Picked, picked
from billing.pages.render import respond
from billing.pages.strip import strip
from billing.reports.breakdown import cost_table
from billing.reports.rows import FIGURES, figures
from billing.reports.table import Column, Row, Table
from customers.models import Customer
from usage.models import UsageEvent

_NEWEST = 50


@page()
def customer(request: HttpRequest, external_id: str) -> HttpResponse:
    """Show one customer."""
    found = get_object_or_404(Customer, external_id=external_id)
    month = picked(request)
    mine = {"customer": [found.external_id]}
    months = margin(by=["month"], period=month.chart, filters=mine)
    rows = [
        Row({"month": row.key[0], **figures(row)}, f"?month={row.key[0]}")
        for row in sorted(months.rows, key=lambda row: row.key, reverse=True)
    ]
    columns = (Column("month", "Month"), *FIGURES, Column("events", "Calls", "count"))
    total = Row({"month": "Total", **figures(months.total)})
    return respond(
        request,
        "customer",
        title=found.name,
        table=Table(columns, rows, total, "Statement by month"),
        customer=found,
        month=month,
        strip=strip(margin(by=["customer"], period=month.period, filters=mine)),
        chart=charts.monthly(months, month.chart),
        breakdowns=_breakdowns(month, mine),
        lines=_lines(found),
        events=_events(found, month),
    )


def _breakdowns(month: Picked, mine: dict[str, list[str]]) -> list[tuple[str, Table]]:
    return [
        (
            f"AI cost by {dimension.replace('_', ' ')}, {month.label}",
            cost_table(
                margin(by=[dimension], period=month.period, filters=mine),
                margin(by=[dimension], period=month.before, filters=mine),
            ),
        )
        for dimension in ("feature", "model", "end_user")
    ]


def _lines(found: Customer) -> QuerySet[InvoiceLine, Any]:
    lines = InvoiceLine.objects.filter(invoice__billing_customer__customer=found)
    related = lines.select_related("invoice", "invoice__billing_import", "plan")
    return related.order_by("-service_start", "pk")[:_NEWEST]


def _events(found: Customer, month: Picked) -> QuerySet[UsageEvent, Any]:
    """Return the newest events; uses index usage_event_occurred_brin."""
    events = UsageEvent.objects.filter(
        context__attributions__customer=found,
        context__attributions__superseded_by=None,
        occurred_at__date__gte=month.period.start,
        occurred_at__date__lt=month.period.end,
    )
    return events.select_related("context__sku").order_by("-occurred_at")[:_NEWEST]
