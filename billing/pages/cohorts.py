"""Cohorts: customers by when they began, and whether serving them gets cheaper."""

from functools import partial

from django.http import HttpRequest, HttpResponse

from billing.margin import margin
from billing.measures import FORMULAS
from billing.pages import charts
from billing.pages.access import page
from billing.pages.basis import bases, cost_basis
from billing.pages.filters import Choice, attributes_on, chips, chosen, selects
from billing.pages.period import picked
from billing.pages.render import respond
from billing.pages.strip import strip
from billing.reports.cohorts import FIRSTS, cohort_months, cohorts_of
from billing.reports.cohorts import cohorts as build
from billing.reports.history import history


@page()
def cohorts(request: HttpRequest) -> HttpResponse:
    """Show the month's figures by cohort; ?first= says what a customer's first month is."""
    month, basis = picked(request), cost_basis(request)
    filters = chosen(request, ("plan", "customer."))
    first = request.GET.get("first", "")
    first = first if first in FIRSTS else ""
    dated = partial(margin, filters=filters, basis=basis, attributes_on=attributes_on(request))
    # A customer's beginning does not depend on the plan it is looked at on.
    began = margin(by=["customer", "month"], period=history(month.period))
    cohort = cohorts_of(began, first)
    now = dated(by=["customer"], period=month.period)
    table = build(now, cohort)
    rows = [row.cells for row in table.rows if not row.stays_last]
    months = [f"{part.start:%Y-%m}" for part in month.chart.months()]
    offered = [
        Choice("first", "Cohort", first, list(FIRSTS.items())[1:], unset=FIRSTS[""]),
        *selects(request),
    ]
    return respond(
        request,
        "page",
        title="Cohorts",
        table=table,
        more=[cohort_months(dated(by=["customer", "month"], period=month.chart), cohort, months)],
        month=month,
        strip=strip(margin(by=["customer"], period=month.period, basis=basis)),
        empty=not now.rows,
        selects=offered,
        chips=chips(filters, offered=offered),
        chart=charts.bars(
            [row["cohort"] for row in rows],
            {
                "Revenue": [row["revenue"] for row in rows],
                "Cost of revenue": [row["cost_of_revenue"] for row in rows],
            },
            title="Revenue and cost of revenue by cohort",
        ),
        bases=bases(basis),
        note=f"A cohort is the month of a customer's {FIRSTS[first].lower()}.",
        explained=[("Cohort", FORMULAS["cohort"])],
    )
