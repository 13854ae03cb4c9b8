"""One plan: its accounts, the price and the allowance that would hold a margin."""

from dataclasses import replace
from decimal import Decimal
from functools import partial

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from billing.margin import margin
from billing.measures import FORMULAS
from billing.models import Decision, Plan
from billing.pages import charts, plan_charts
from billing.pages.access import page
from billing.pages.asked import Figure, figure
from billing.pages.basis import bases, cost_basis
from billing.pages.filters import Choice
from billing.pages.period import Picked, picked
from billing.pages.render import respond
from billing.pages.strip import strip
from billing.reports.feature_plans import feature_plans
from billing.reports.months import by_month
from billing.reports.plan import price_tables, tables
from billing.reports.plan.accounts import PlanAccount, costs_of, counted, paying, plan_accounts
from billing.reports.plan.allowance import Allowance, Terms, allowance, allowances, recommended
from billing.reports.plan.months import months_table
from billing.reports.plan.pricing import coverage, curve, prices
from billing.reports.plan.spread import histogram, subsidy
from billing.reports.plans import spread_cells, spreads
from billing.reports.rows import ZERO, has_shared_cost, quoted
from billing.reports.table import Table
from billing.revenue import plan_terms
from tknops.calendar import Period
from tknops.money import minor_digits
from usage.models import CostClass

_MOST = Decimal(10) ** 12
_COVERED = 90
_HUNDRED = Decimal(100)
_ACCOUNTS = (
    "one that was on the plan for a part of the month counts whole; a bill without a customer "
    "counts in the plan's revenue and is no account"
)


@page()
def plan(request: HttpRequest, code: str) -> HttpResponse:
    """Show a plan; ?target=, ?cover=, ?allowance= and ?cost=loaded are what-is-asked."""
    found = get_object_or_404(Plan, code=code)
    month, basis = picked(request), cost_basis(request)
    question = partial(margin, filters={"plan": [code]}, basis=basis)
    now = question(by=["plan", "customer"], period=month.period)
    loaded = request.GET.get("cost") == "loaded"
    accounts = _accounts(month.period, code, basis, loaded=loaded)
    payers = paying(accounts)
    asked = _terms(request, payers)
    chosen = _chosen(request, payers, asked)
    months = question(by=["plan", "customer", "month"], period=month.chart)
    bins = histogram(costs_of(payers), asked.today or ZERO)
    steps = curve(costs_of(payers), target=asked.target, digits=asked.digits)
    return respond(
        request,
        "plan",
        title=f"Plan {found.name}",
        table=tables.accounts_table(accounts, chosen.cost if chosen else None, loaded=loaded),
        more=[
            *_priced(payers, asked, chosen, code),
            *([tables.histogram_table(bins, len(costs_of(payers)))] if bins else []),
            *([price_tables.curve_table(steps)] if steps else []),
            *([spreads(by_plan=now, accounts=accounts)] if payers else []),
            months_table(months, _terms_by_month(month.chart)),
            *_features(month, code, basis),
        ],
        plan=found,
        customers_link=f"customers?plan={quoted(code)}",
        what_if_link=f"what-if?plan={quoted(code)}",
        figures=now.total,
        spread=spread_cells(accounts),
        counts=counted(accounts),
        unknown=len(payers) - len(costs_of(payers)),
        decision=Decision.objects.filter(plan=found).order_by("-decision_date", "-pk").first(),
        subsidy=subsidy(one.margin for one in payers),
        asked=asked,
        chosen=chosen,
        today=coverage(costs_of(payers), asked.today, asked.target) if asked.today else None,
        fields=_fields(request, asked),
        month=month,
        strip=strip(margin(by=["customer"], period=month.period, basis=basis)),
        empty=not accounts,
        selects=_selects(request, shared=has_shared_cost(now)),
        chart=charts.monthly(
            by_month(months), month.chart, title="Revenue against cost of revenue, by month"
        ),
        histogram=plan_charts.histogram(bins, asked.today) if bins else None,
        curve=plan_charts.curve(steps, asked.today) if steps else None,
        bases=bases(basis),
        parent=("Plans", "plans"),
        explained=[
            ("Covered", FORMULAS["covered"]),
            ("Recommended allowance", FORMULAS["allowance"]),
            ("Accounts", _ACCOUNTS),
        ],
    )  # fmt: skip


def _accounts(period: Period, code: str, basis: str, *, loaded: bool) -> list[PlanAccount]:
    """Ask for the accounts, and for their calls of class COGS."""
    question = partial(margin, by=["plan", "customer"], period=period, basis=basis)
    terms = plan_terms([period])[period]
    return plan_accounts(
        question(filters={"plan": [code]}),
        usage=question(filters={"plan": [code], "cost_class": [CostClass.COGS]}),
        terms={key: on for key, on in terms.items() if key[0] == code},
        loaded=loaded,
    )


def _terms(request: HttpRequest, payers: list[PlanAccount]) -> Terms:
    """Read the target margin and the share to cover; today's price is what an account pays."""
    target = figure(request, "target", label="Target margin", low=ZERO, below=_HUNDRED)
    cover = figure(request, "cover", label="Accounts to cover", low=Decimal(1), below=_HUNDRED + 1)
    return Terms(
        today=spread_cells(payers).get("per_account"),
        target=Decimal(settings.TARGET_MARGIN_PCT) if target is None else target,
        cover=_COVERED if cover is None else int(cover),
        digits=minor_digits(settings.REPORTING_CURRENCY),
    )


def _chosen(request: HttpRequest, payers: list[PlanAccount], asked: Terms) -> Allowance | None:
    """Return the allowance that is asked for, else the recommended one."""
    typed = figure(request, "allowance", label="Allowance", low=ZERO, below=_MOST)
    if typed is None or not costs_of(payers):
        return recommended(payers, asked)
    return allowance(payers, typed, asked, "As asked for")


def _priced(
    payers: list[PlanAccount], asked: Terms, chosen: Allowance | None, code: str
) -> list[Table]:
    costs = costs_of(payers)
    found = prices(costs, today=asked.today, target=asked.target, digits=asked.digits)
    if chosen is None:
        return []
    return [
        price_tables.coverage_table(found, code),
        price_tables.allowance_table(allowances(payers, asked, chosen), code),
        tables.over_table(payers, chosen.cost),
    ]


def _terms_by_month(chart: Period) -> dict[str, dict[tuple[str, str], frozenset[str]]]:
    found = plan_terms(list(chart.months()))
    return {f"{part.start:%Y-%m}": terms for part, terms in found.items()}


def _features(month: Picked, code: str, basis: str) -> list[Table]:
    question = partial(margin, period=month.period, filters={"plan": [code]}, basis=basis)
    table = feature_plans(
        accounts=question(by=["feature", "plan", "customer"]),
        users=question(by=["feature", "plan", "end_user"]),
    )
    return [replace(table, caption="Features of this plan")] if table.rows else []


def _fields(request: HttpRequest, asked: Terms) -> list[Figure]:
    typed = request.GET.get("allowance", "")
    return [
        Figure("target", "Target margin %", f"{asked.target}"),
        Figure("cover", "Accounts to cover %", f"{asked.cover}"),
        Figure("allowance", "Allowance per account", typed, "recommended"),
    ]


def _selects(request: HttpRequest, *, shared: bool) -> list[Choice]:
    if not shared:
        return []
    value = "loaded" if request.GET.get("cost") == "loaded" else ""
    return [Choice("cost", "Cost", value, [("loaded", "Fully loaded cost")], "Direct cost")]
