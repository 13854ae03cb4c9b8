"""Features and models: pages about cost; a flat fee has no feature and no model."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import partial
from itertools import pairwise

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from billing.margin import MarginReport, margin
from billing.measures import dimension
from billing.pages import charts
from billing.pages.access import page
from billing.pages.basis import bases, cost_basis
from billing.pages.explorer.links import COST, explore_link
from billing.pages.filters import attributes_on, chips, chosen, selects
from billing.pages.period import Picked, picked
from billing.pages.render import respond
from billing.pages.strip import strip
from billing.reports.breakdown import cost_table
from billing.reports.feature_plans import feature_plans
from billing.reports.features import features as build_features
from billing.reports.features import reach
from billing.reports.models import Model, book, price_changes, savings
from billing.reports.models import models as build_models
from billing.reports.rows import SPECIAL, ZERO, quoted
from billing.reports.table import Table
from billing.reports.unpriced import unpriced_table
from tknops.calendar import Period
from usage.pricing import PriceRow, matcher
from usage.repricing import pending

_ACCEPTED = ("plan", "feature", "provider", "model", "customer.", "tag.")
_NOTE = "AI cost only: a flat fee has no {} to split revenue by."
_PATHS = {"customer": "customer/{}", "feature": "features?feature={}", "model": "models?model={}"}
Filters = Mapping[str, Sequence[str]]
Ask = Callable[..., MarginReport]


@page()
def features(request: HttpRequest) -> HttpResponse:
    """Show cost by feature; one feature leads to its customers and models."""
    month = picked(request)
    filters = chosen(request, _ACCEPTED)
    question = _question(request, filters)
    users = question(by=["feature", "plan", "end_user"], period=month.period)
    table = build_features(
        now=question(by=["feature"], period=month.period),
        before=question(by=["feature"], period=month.before),
        users=users,
    )
    by_plan = reach(users, "plan", "feature")
    dearness = {plan: one.per_user or ZERO for (plan,), one in reach(users, "plan").items()}
    plans = sorted(dearness.keys() - SPECIAL, key=lambda plan: (dearness[plan], plan))
    series = {
        str(row.cells["feature"]): [
            found.per_user if (found := by_plan.get((plan, row.cells["key"]))) else None
            for plan in plans
        ]
        for row in table.rows
        if not row.stays_last
    }
    labels = [users.labels["plan"].get(plan, plan) for plan in plans]
    chart = charts.bars(labels, series, title="AI cost per active user, by plan and feature")
    accounts = question(by=["feature", "plan", "customer"], period=month.period)
    more = [feature_plans(accounts=accounts, users=users)] if table.rows else []
    return _respond(request, "Features (cost)", table, month, filters, "feature", chart, more)


@page()
def models(request: HttpRequest) -> HttpResponse:
    """Show cost by model with tokens, price and cache; one model leads to what uses it."""
    month, basis = picked(request), cost_basis(request)
    filters = chosen(request, _ACCEPTED)
    question = _question(request, filters)
    by = ["provider", "model"]
    prices = book()
    now = question(by=by, period=month.period)
    table = build_models(
        now=now,
        before=question(by=by, period=month.before),
        saved=_saved(now, question, prices),
    )
    chart = charts.stacked(
        question(by=["model", "month"], period=month.chart),
        month.chart,
        price_changes(prices, month.chart),
        title="AI cost by model, price changes marked",
    )
    found = None
    if basis != "stated":  # there a call lacks a statement, not a price
        found = unpriced_table(now, matcher(), currency=settings.REPORTING_CURRENCY)
    more = [_offered(request, found)] if found else []
    return _respond(request, "Models (cost)", table, month, filters, "model", chart, more)


def _question(request: HttpRequest, filters: Filters) -> Ask:
    return partial(
        margin,
        filters=filters,
        basis=cost_basis(request),
        attributes_on=attributes_on(request),
    )


def _offered(request: HttpRequest, table: Table) -> Table:
    """Leave the columns of forms to those who may fill them in."""
    rights = {"price": "usage.add_price", "alias": "usage.add_modelalias"}
    withheld = {key for key, right in rights.items() if not request.user.has_perm(right)}
    return replace(table, columns=tuple(c for c in table.columns if c.key not in withheld))


def _saved(
    now: MarginReport, question: Ask, prices: dict[Model, list[PriceRow]]
) -> dict[Model, Decimal]:
    """Ask again for each stretch of the period within which no price changes, if one does."""
    edges = {change.period_start for change in price_changes(prices, now.period)}
    days = sorted({now.period.start, now.period.end, *edges})
    parts = [
        question(by=["provider", "model"], period=Period(a, b)) for a, b in pairwise(days) if edges
    ]
    return savings(parts or [now], prices)


def _respond(
    request: HttpRequest,
    title: str,
    table: Table,
    month: Picked,
    filters: Filters,
    by: str,
    chart: dict[str, object],
    more: Sequence[Table] = (),
) -> HttpResponse:
    offered, basis = selects(request, tags=True), cost_basis(request)
    question = _question(request, filters)
    return respond(
        request,
        "page",
        title=title,
        table=table,
        more=[*more, *(_drill(month, question, by) if by in filters else [])],
        month=month,
        strip=strip(margin(by=["customer"], period=month.period, basis=basis)),
        empty=not table.rows,
        selects=offered,
        chips=chips(filters, offered=offered),
        chart=chart,
        bases=bases(basis),
        pending=pending(),
        note=_NOTE.format(by),
        explore=explore_link(
            request,
            rows=["provider", "model"] if by == "model" else [by],
            month=month,
            filters=filters,
            measures=COST,
        ),
    )


def _drill(month: Picked, question: Ask, by: str) -> list[Table]:
    """Cost of one feature or model by customer and by the other of the two."""
    others = ("model" if by == "feature" else "feature", "customer")
    tables = [
        cost_table(
            question(by=[other], period=month.period),
            question(by=[other], period=month.before),
            caption=f"{dimension(other).label}s of this {by}",
            link=lambda row, path=_PATHS[other]: path.format(quoted(row.key[0])),  # type: ignore[misc]
        )
        for other in others
    ]
    return [replace(table, sort="") for table in tables]
