"""Customers: every customer's margin, largest loss first."""

import datetime as dt
from collections.abc import Mapping, Sequence
from functools import partial

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from billing.dimensions import known
from billing.margin import margin
from billing.pages import charts
from billing.pages.access import page
from billing.pages.basis import bases, cost_basis
from billing.pages.explorer.links import explore_link
from billing.pages.filters import Choice, attributes_on, chips, chosen, selects
from billing.pages.period import Picked, picked
from billing.pages.render import respond
from billing.pages.strip import strip
from billing.reports.accounts import accounts
from billing.reports.customers import Asked, newcomers
from billing.reports.customers import customers as build
from billing.reports.health import DAYS_OF_DATA, STATES, thresholds
from billing.reports.shared import SHARED_BELOW, attributed_pct
from billing.reports.table import Table
from billing.templatetags.links import address

_ACCEPTED = ("plan", "feature", "provider", "model", "customer.", "tag.")
_COST_ONLY = "Filtered by {}: AI cost only, a flat fee has no {} to split revenue by."


@page()
def customers(request: HttpRequest) -> HttpResponse:
    """Show the scatter and the table; ?plan=, ?health= and attributes filter."""
    month, basis = picked(request), cost_basis(request)
    filters = chosen(request, _ACCEPTED)
    asked = ask(month, filters, basis, attributes_on(request))
    table = customer_table(request, asked, month)
    state = request.GET.get("health", "")
    if state in STATES:
        table = table.only(row for row in table.rows if row.cells["health"] == state)
    offered = [
        *selects(request, tags=True),
        Choice("health", "Health", state, [(name, name) for name in STATES]),
    ]
    cost_only = [name for name in filters if not known(name).has_revenue]
    if cost_only:
        table = table.ordered("-cost_of_revenue")
    links = {row.cells["key"]: address(request, row.link) for row in table.rows if row.link}
    chart = charts.scatter(asked.now, links, title="Revenue against AI cost, by customer")
    return respond(
        request,
        "page",
        title="Customers",
        table=table,
        month=month,
        strip=strip(asked.now),
        empty=not asked.now.rows,
        selects=offered,
        chips=chips(filters, offered=offered),
        chart=chart if chart["points"] else None,
        note=_COST_ONLY.format(*[known(cost_only[0]).label.lower()] * 2) if cost_only else "",
        bases=bases(basis),
        explained=[("Health", thresholds())],
        explore=explore_link(request, rows=["customer"], month=month, filters=filters),
    )


def ask(
    month: Picked, filters: Mapping[str, Sequence[str]], basis: str, on: dt.date | None = None
) -> Asked:
    """Ask the margin what the customers table rests on, its cost on a basis."""
    question = partial(margin, filters=filters, basis=basis, attributes_on=on)
    return Asked(
        now=question(by=["customer"], period=month.period),
        before=question(by=["customer"], period=month.before),
        plans=question(by=["customer", "plan"], period=month.period),
        features=question(by=["customer", "feature"], period=month.period),
        months=question(by=["customer", "month"], period=month.chart),
    )


def customer_table(request: HttpRequest, asked: Asked, month: Picked) -> Table:
    """Add what is known of the accounts to the reports, and build the table."""
    share = attributed_pct(asked.now)
    table = build(
        asked=asked,
        accounts=accounts(today=timezone.localdate()),
        young=_young(asked, month),
        share=share is not None and share < SHARED_BELOW,
    )
    if not request.user.has_perm("billing.add_decision"):
        for row in table.rows:
            for name in row.actions:
                row.links.pop(name)
            row.actions.clear()
    return table


def _young(asked: Asked, month: Picked) -> frozenset[str]:
    """Return the customers first seen under 14 days before the period's end."""
    new = newcomers(asked.months, month.key)
    if not new:
        return frozenset()
    days = margin(by=["customer", "day"], period=month.period, filters={"customer": sorted(new)})
    first: dict[str, str] = {}
    for row in days.rows:
        if row.events or row.revenue:
            first[row.key[0]] = min(first.get(row.key[0], row.key[1]), row.key[1])
    edge = f"{month.period.end.fromordinal(month.period.end.toordinal() - DAYS_OF_DATA)}"
    return frozenset(customer for customer, day in first.items() if day > edge)
