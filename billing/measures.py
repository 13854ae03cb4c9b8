"""Every dimension and measure, declared once: forms, headings, parameters and glossary follow."""

import re
from dataclasses import dataclass

from usage.tokens import REASONING, TOKEN_CLASSES

UNATTRIBUTED = "(unattributed)"
NO_PLAN = "(no plan)"
NOT_SPLIT = "(not split)"
NONE = "(none)"
NOT_ALLOCATED = "(not allocated)"
# Whether a figure is of its month, or adjusts a closed month that was before (FOCUS ChargeClass).
CHARGE_CLASS = "charge_class"
REGULAR, LATE, CORRECTION = "regular", "late usage", "correction"
CONTRACTED, LIST, STATED = "contracted", "list", "stated"
# What a cost is worked out from; the first is meant where nothing is said.
COST_BASES = {
    CONTRACTED: "contracted prices: negotiated ones, list prices where there are none",
    LIST: "list prices",
    STATED: "what the provider stated with each call",
}


@dataclass(frozen=True, slots=True)
class Dimension:
    """What a figure can be grouped and filtered by, and whether revenue and shared cost know it."""

    name: str
    label: str
    has_revenue: bool = False
    has_allocation: bool = False


@dataclass(frozen=True, slots=True)
class Measure:
    """A figure of a report with its formula and unit."""

    name: str
    label: str
    unit: str
    formula: str


# The topmost parent of a customer; one without a parent is its own group.
GROUP = "customer_group"
DIMENSIONS = {
    dimension.name: dimension
    for dimension in (
        Dimension("customer", "Customer", has_revenue=True, has_allocation=True),
        Dimension(GROUP, "Customer group", has_revenue=True, has_allocation=True),
        Dimension("plan", "Plan", has_revenue=True, has_allocation=True),
        Dimension("feature", "Feature", has_allocation=True),
        Dimension("team", "Team"),
        Dimension("end_user", "End user"),
        Dimension("provider", "Provider"),
        Dimension("model", "Model"),
        Dimension("service_tier", "Service tier"),
        Dimension("region", "Region"),
        Dimension("environment", "Environment"),
        Dimension("source", "Source"),
        Dimension("api_key", "API key"),
        Dimension("operation", "Operation"),
        Dimension("outcome", "Outcome"),
        Dimension("cost_class", "Cost class", has_allocation=True),
        Dimension(CHARGE_CLASS, "Charge class", has_revenue=True, has_allocation=True),
        Dimension("terms", "Terms (paid, trial, free)"),
        Dimension("unit", "Unit"),
        Dimension("customer_reference", "Customer as sent"),
        Dimension("user_reference", "End user as sent"),
        Dimension("feature_reference", "Feature as sent"),
        Dimension("team_reference", "Team as sent"),
        Dimension("day", "Day", has_revenue=True, has_allocation=True),
        Dimension("week", "Week", has_revenue=True, has_allocation=True),
        Dimension("month", "Month", has_revenue=True, has_allocation=True),
        Dimension("quarter", "Quarter", has_revenue=True, has_allocation=True),
        # Providers bill by these; revenue and shared cost know reporting days alone.
        Dimension("utc_day", "UTC day"),
        Dimension("utc_month", "UTC month"),
    )
}
TAG = "tag."
# A tag key as ingestion takes it.
TAG_NAME = re.compile(r"tag\.[a-z0-9_.-]{1,64}")
# Whose dated attributes are dimensions, as <owner>.<attribute>; revenue has those of customers.
OWNERS = {"customer": "Customer", "end_user": "End user", "team": "Team", "feature": "Feature"}
ATTRIBUTE = "customer."

MEASURES = (
    Measure("events", "Events", "count", "number of calls"),
    *(
        Measure(token.name, f"{token.label} tokens", "tokens", f"Σ {token.name}, disjoint")
        for token in TOKEN_CLASSES
    ),
    Measure(REASONING, "Reasoning tokens", "tokens", "information inside output tokens"),
    Measure("units", "Units", "millionths", "Σ seconds, pages, searches … in millionths"),
    Measure("cost", "AI cost", "money", "Σ quantity × price ÷ 1,000,000, unrounded"),
    Measure(
        "cost_of_revenue",
        "Cost of revenue",
        "money",
        "AI cost of cost class COGS: what serving cost",
    ),
    Measure("stated_cost", "Provider-stated cost", "money", "Σ cost as the provider stated it"),
    Measure("revenue", "Revenue", "money", "recognised straight-line per day, net of tax"),
    Measure("invoiced_revenue", "Revenue, invoiced", "money", "of invoice lines and payments"),
    Measure(
        "contracted_revenue",
        "Revenue, contracted",
        "money",
        "plan price × subscription days that no invoice covers",
    ),
    Measure(
        "accrued_revenue",
        "Revenue, accrued",
        "money",
        "estimate: usage since the last usage line × the rate of the plan's policy",
    ),
    Measure("margin", "AI margin", "money", "revenue − cost of revenue"),
    Measure("margin_pct", "AI margin %", "percent", "(revenue − cost of revenue) ÷ revenue"),
    Measure(
        "allocated_cost",
        "Allocated cost",
        "money",
        "shared cost by its rule, less what pools took from unattributed usage",
    ),
    Measure("fully_loaded_cost", "Fully loaded cost", "money", "AI cost + allocated cost"),
    Measure("loaded_margin", "Fully loaded margin", "money", "revenue − fully loaded cost"),
    Measure(
        "loaded_margin_pct",
        "Fully loaded margin %",
        "percent",
        "(revenue − fully loaded cost) ÷ revenue",
    ),
    Measure("unpriced_events", "Unpriced events", "count", "events with a quantity without price"),
    Measure("unpriced_tokens", "Unpriced tokens", "tokens", "tokens without a price"),
)

# Figures of the pages, computed from the measures above.
DERIVED = (
    Measure("change", "Δ", "points", "AI margin % − AI margin % of the previous period"),
    Measure(
        "loss",
        "Loss on paying customers",
        "money",
        "Σ max(0, cost of revenue − revenue) over customers with revenue",
    ),
    Measure(
        "free_cost",
        "Cost of free and trial usage",
        "money",
        "cost of revenue of days on which the customer's plan is a trial or costs 0",
    ),
    Measure(
        "not_of_revenue",
        "AI cost outside the margin",
        "money",
        "AI cost − cost of revenue: operating expense and internal use",
    ),
    Measure(
        "unattributed_shared",
        "Margin with unattributed cost shared",
        "money",
        "AI margin − unattributed cost of revenue × own ÷ attributed cost of revenue",
    ),
    Measure("share", "Share", "percent", "AI cost ÷ AI cost of all rows"),
    Measure("per_call", "Cost per call", "price", "AI cost ÷ calls"),
    Measure("users", "Active users", "count", "end users with at least one call"),
    Measure(
        "per_user",
        "Cost per active user",
        "money",
        "AI cost of calls with an end user ÷ active users",
    ),
    Measure("cost_change", "Δ", "money", "AI cost − AI cost of the previous period"),
    Measure(
        "effective_price",
        "Effective price per million",
        "price",
        "AI cost × 1,000,000 ÷ priced tokens",
    ),
    Measure(
        "cache_rate", "Cache rate", "percent", "cache read tokens ÷ input tokens of every class"
    ),
    Measure(
        "cache_savings",
        "Cache savings",
        "money",
        "cache read × (input price − read price) − cache write × (write price − input "
        "price), at the price below any threshold",
    ),
    Measure("per_account", "Revenue per account", "money", "revenue ÷ paying accounts"),
    Measure(
        "mean_cost",
        "Mean cost",
        "money",
        "cost of revenue ÷ paying accounts of known cost: the break-even price",
    ),
    Measure(
        "percentile",
        "P10, P25, P50, P75, P90",
        "money",
        "nearest rank over paying accounts: the smallest value that at least so many of 100 do "
        "not exceed",
    ),
    Measure(
        "under_water",
        "% under water",
        "percent",
        "paying accounts whose cost of revenue exceeds their revenue ÷ paying accounts",
    ),
    Measure("target", "Target price", "money", "mean cost ÷ (1 − target margin)"),
    Measure(
        "not_paying",
        "Trial and free accounts",
        "count",
        "accounts of a plan without revenue in the period: on trial on some day of it, else free",
    ),
    Measure(
        "subsidy",
        "Subsidy",
        "percent",
        "Σ max(0, cost − revenue) ÷ Σ max(0, revenue − cost) over paying accounts: what of each "
        "100 kept by accounts above water goes to those under water",
    ),
    Measure(
        "covered",
        "Covered",
        "percent",
        "paying accounts with cost ≤ price × (1 − target margin) ÷ paying accounts of known cost",
    ),
    Measure(
        "covering_price",
        "Price that covers a share of accounts",
        "money",
        "the percentile of cost ÷ (1 − target margin), up to the next minor unit",
    ),
    Measure(
        "break_even_usage",
        "Break-even usage",
        "tokens",
        "price × (1 − target margin) ÷ cost per token (or call) of the plan",
    ),
    Measure(
        "allowance",
        "Recommended allowance",
        "money",
        "the larger of price × (1 − target margin) and the percentile of cost to be covered",
    ),
    Measure(
        "overconsumption",
        "Overconsumption",
        "money",
        "Σ max(0, cost − allowance) over paying accounts",
    ),
    Measure(
        "cohort",
        "Cohort",
        "text",
        "month of a customer's first revenue or call, in all the history there is",
    ),
    Measure(
        "health",
        "Health",
        "text",
        "by AI margin % against the thresholds set; none without revenue or under 14 days of data",
    ),
    Measure(
        "mrr",
        "MRR",
        "money",
        "Σ of a year's price ÷ 12 or a month's price of what runs and is paid on the month's last "
        "day, ex tax, after recurring discounts; no trials, no pauses; an account without any "
        "subscription counts by its recurring invoice lines",
    ),
    Measure("arr", "ARR", "money", "12 × MRR"),
    Measure("arpa", "ARPA", "money", "MRR ÷ accounts with MRR"),
    Measure("mrr_new", "New MRR", "money", "MRR of accounts that had some at no month end before"),
    Measure(
        "mrr_expansion", "Expansion", "money", "rise of accounts' MRR, at the closing day's rates"
    ),
    Measure(
        "mrr_contraction",
        "Contraction",
        "money",
        "fall of accounts' MRR, at the closing day's rates",
    ),
    Measure(
        "mrr_churn", "Churn", "money", "− MRR of accounts that have none any more, at those rates"
    ),
    Measure(
        "mrr_reactivation",
        "Reactivation",
        "money",
        "MRR of accounts that had some before, but not at the month end before",
    ),
    Measure(
        "mrr_currency",
        "Currency",
        "money",
        "opening MRR at the closing day's rates − at the opening day's; the six sum to the change",
    ),
    Measure(
        "nrr",
        "NRR",
        "percent",
        "MRR of the accounts that had some 12 months before ÷ their MRR then, both at the closing "
        "day's rates; usage revenue is no MRR",
    ),
    Measure("grr", "GRR", "percent", "NRR with each account capped at its MRR 12 months before"),
    Measure(
        "margin_nrr",
        "NRR on AI margin",
        "percent",
        "AI margin of those accounts in the month ÷ that of the month 12 months before, all "
        "recognised revenue in it",
    ),
)
FORMULAS = {measure.name: measure.formula for measure in (*MEASURES, *DERIVED)}


class UnknownBasisError(ValueError):
    """A name that is no basis of cost; says which are."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name!r} is no basis of cost; accepted: {', '.join(COST_BASES)}")


class UnknownDimensionError(ValueError):
    """A name that is no dimension; says which are."""

    def __init__(self, name: str) -> None:
        attributes = [f"{owner}.<attribute>" for owner in OWNERS]
        known = ", ".join([*DIMENSIONS, f"{TAG}<key>", *attributes])
        super().__init__(f"{name!r} is not a dimension; accepted: {known}")


def owner_of(name: str) -> str:
    """Return whose attribute a dimension is: customer of customer.tier; '' if it is none."""
    owner, dot, attribute = name.partition(".")
    return owner if dot and attribute and owner in OWNERS else ""


def is_dated(name: str) -> bool:
    """Tell whether a dimension is read as it was or as it is: an attribute or the group."""
    return name == GROUP or bool(owner_of(name))


def dimension(name: str) -> Dimension:
    """Look a dimension up, tags and attributes included.

    Raises UnknownDimensionError.
    """
    if name in DIMENSIONS:
        return DIMENSIONS[name]
    if TAG_NAME.fullmatch(name):
        return Dimension(name, f"Tag {name.removeprefix(TAG)}")
    if (owner := owner_of(name)) and name.isprintable():
        label = f"{OWNERS[owner]} {name.removeprefix(f'{owner}.')}"
        known = owner == "customer"
        return Dimension(name, label, has_revenue=known, has_allocation=known)
    raise UnknownDimensionError(name)
