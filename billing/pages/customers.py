"""Customers: every customer's margin, largest loss first."""

from django.http import HttpRequest, HttpResponse

from billing.margin import MarginReport, margin
from billing.pages import charts
from billing.pages.access import page
from billing.pages.period import Picked, picked
from billing.pages.render import respond
from billing.pages.strip import strip
from billing.reports.customers import customers as build
from billing.reports.table import Table


@page()
def customers(request: HttpRequest) -> HttpResponse:
    """Show the scatter and the table; ?plan= filters."""
    month = picked(request)
    plan = request.GET.get("plan", "")
    filters = {"plan": [plan]} if plan else {}
    now = margin(by=["customer"], period=month.period, filters=filters)
    before = margin(by=["customer"], period=month.before, filters=filters)
    return respond(
        request,
        "page",
        title="Customers",
        table=customer_table(now, before, month),
        month=month,
        strip=strip(now),
        empty=not now.rows,
        chart=charts.scatter(now),
        note=f"Plan: {plan}" if plan else "",
    )


def customer_table(now: MarginReport, before: MarginReport, month: Picked) -> Table:
    """Ask the reports the table needs besides the two given."""
    return build(
        now=now,
        before=before,
        plans=margin(by=["customer", "plan"], period=month.period),
        features=margin(by=["customer", "feature"], period=month.period),
        months=margin(by=["customer", "month"], period=month.chart),
    )
