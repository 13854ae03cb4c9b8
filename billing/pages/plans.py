"""Plans: what an account costs against what it pays."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from billing.margin import margin
from billing.pages import charts
from billing.pages.access import page
from billing.pages.explorer.links import explore_link
from billing.pages.filters import chips, chosen, selects
from billing.pages.period import picked
from billing.pages.render import respond
from billing.pages.strip import strip
from billing.reports.plans import plans as build


@page()
def plans(request: HttpRequest) -> HttpResponse:
    """Show the spread of cost per account against the price, and the table."""
    month = picked(request)
    filters = chosen(request, ("customer.",))
    offered = [choice for choice in selects(request) if choice.name != "plan"]
    table = build(
        by_plan=margin(by=["plan"], period=month.period, filters=filters),
        by_account=margin(by=["plan", "customer"], period=month.period, filters=filters),
    )
    paying = [row.cells for row in table.rows if row.cells.get("accounts")]
    return respond(
        request,
        "page",
        title="Plans",
        table=table,
        month=month,
        strip=strip(margin(by=["customer"], period=month.period)),
        empty=not table.rows,
        selects=offered,
        chips=chips(filters, offered=offered),
        chart=charts.ranges(paying, title="AI cost per account, P10 to P90, against what it pays"),
        explore=explore_link(rows=["plan"], month=month, filters=filters),
        explained=[("Target margin", f"{settings.TARGET_MARGIN_PCT} %, a setting of this server")],
    )
