"""Plans: what an account costs against what it pays."""

from decimal import Decimal
from functools import partial

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from billing.margin import margin
from billing.measures import FORMULAS
from billing.pages import charts
from billing.pages.access import page
from billing.pages.basis import bases, cost_basis
from billing.pages.explorer.links import explore_link
from billing.pages.filters import attributes_on, chips, chosen, selects
from billing.pages.period import picked
from billing.pages.render import respond
from billing.pages.strip import strip
from billing.reports.free import free_cost
from billing.reports.plan.accounts import plan_accounts
from billing.reports.plans import plans as build
from billing.reports.plans import spreads
from billing.revenue import plan_terms
from billing.templatetags.money import money


@page()
def plans(request: HttpRequest) -> HttpResponse:
    """Show the spread of cost per account against the price, and the table."""
    month, basis = picked(request), cost_basis(request)
    filters = chosen(request, ("customer.",))
    offered = [choice for choice in selects(request) if choice.name != "plan"]
    question = partial(
        margin,
        period=month.period,
        filters=filters,
        basis=basis,
        attributes_on=attributes_on(request),
    )
    by_plan, by_account = question(by=["plan"]), question(by=["plan", "customer"])
    terms = plan_terms([month.period])[month.period]
    # What subscribes without any usage or revenue has no row to be filtered by.
    accounts = plan_accounts(by_account, terms=terms, unused=not filters)
    table = build(by_plan=by_plan, accounts=accounts)
    paying = [row.cells for row in table.rows if row.cells.get("accounts")]
    return respond(
        request,
        "page",
        title="Plans",
        table=table,
        more=[spreads(by_plan=by_plan, accounts=accounts)] if paying else [],
        month=month,
        strip=strip(margin(by=["customer"], period=month.period, basis=basis)),
        empty=not table.rows,
        selects=offered,
        note=_free(free_cost(month.period, filters)),
        chips=chips(filters, offered=offered),
        chart=charts.ranges(paying, title="AI cost per account, P10 to P90, against what it pays"),
        bases=bases(basis),
        explore=explore_link(request, rows=["plan"], month=month, filters=filters),
        explained=[
            ("Cost of free and trial usage", FORMULAS["free_cost"]),
            ("Target margin", f"{settings.TARGET_MARGIN_PCT} %, a setting of this server"),
        ],
    )


def _free(cost: Decimal | None) -> str:
    return (
        f"Cost of free and trial usage: {money(cost)}, on days with a trial or a plan of price 0."
    )
