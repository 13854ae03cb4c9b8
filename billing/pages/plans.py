"""Plans: what an account costs against what it pays."""

from decimal import Decimal

from django.http import HttpRequest, HttpResponse

from billing.margin import margin
from billing.pages import charts
from billing.pages.access import page
from billing.pages.period import picked
from billing.pages.render import respond
from billing.pages.strip import strip
from billing.reports.plans import plans as build
from billing.reports.table import Column


@page()
def plans(request: HttpRequest) -> HttpResponse:
    """Show the spread of cost per account against the price, and the table."""
    month = picked(request)
    table = build(
        by_plan=margin(by=["plan"], period=month.period),
        by_account=margin(by=["plan", "customer"], period=month.period),
    )
    paying = [row for row in table.rows if row.cells.get("accounts")]
    series = {
        label: [row.value(Column(key, label)) or Decimal(0) for row in paying]
        for key, label in (
            ("per_account", "Revenue per account"),
            ("p50", "P50 cost"),
            ("p90", "P90 cost"),
        )
    }
    return respond(
        request,
        "page",
        title="Plans",
        table=table,
        month=month,
        strip=strip(margin(by=["customer"], period=month.period)),
        empty=not table.rows,
        chart=charts.bars([str(row.cells["name"]) for row in paying], series),
    )
