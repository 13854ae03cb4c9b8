"""Every dimension and measure, declared once: forms, headings, parameters and glossary follow."""

import re
from dataclasses import dataclass

from usage.tokens import REASONING, TOKEN_CLASSES

UNATTRIBUTED = "(unattributed)"
NO_PLAN = "(no plan)"
NOT_SPLIT = "(not split)"
NONE = "(none)"


@dataclass(frozen=True, slots=True)
class Dimension:
    """What a figure can be grouped and filtered by; `has_revenue`: revenue knows it too."""

    name: str
    label: str
    has_revenue: bool = False


@dataclass(frozen=True, slots=True)
class Measure:
    """A figure of a report with its formula and unit."""

    name: str
    label: str
    unit: str
    formula: str


DIMENSIONS = {
    dimension.name: dimension
    for dimension in (
        Dimension("customer", "Customer", has_revenue=True),
        Dimension("plan", "Plan", has_revenue=True),
        Dimension("feature", "Feature"),
        Dimension("team", "Team"),
        Dimension("end_user", "End user"),
        Dimension("provider", "Provider"),
        Dimension("model", "Model"),
        Dimension("service_tier", "Service tier"),
        Dimension("region", "Region"),
        Dimension("environment", "Environment"),
        Dimension("source", "Source"),
        Dimension("operation", "Operation"),
        Dimension("outcome", "Outcome"),
        Dimension("cost_class", "Cost class"),
        Dimension("unit", "Unit"),
        Dimension("customer_reference", "Customer as sent"),
        Dimension("feature_reference", "Feature as sent"),
        Dimension("team_reference", "Team as sent"),
        Dimension("day", "Day", has_revenue=True),
        Dimension("week", "Week", has_revenue=True),
        Dimension("month", "Month", has_revenue=True),
        Dimension("quarter", "Quarter", has_revenue=True),
    )
}
TAG = "tag."
# A tag key as ingestion takes it.
TAG_NAME = re.compile(r"tag\.[a-z0-9_.-]{1,64}")
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
    Measure("stated_cost", "Provider-stated cost", "money", "Σ cost as the provider stated it"),
    Measure("revenue", "Revenue", "money", "recognised straight-line per day, net of tax"),
    Measure("margin", "AI margin", "money", "revenue − AI cost"),
    Measure("margin_pct", "AI margin %", "percent", "(revenue − AI cost) ÷ revenue"),
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
        "Σ max(0, AI cost − revenue) over customers with revenue",
    ),
    Measure(
        "loaded",
        "Margin with unattributed cost shared",
        "money",
        "AI margin − unattributed cost × own AI cost ÷ attributed AI cost",
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
        "AI cost ÷ paying accounts of known cost: the break-even price",
    ),
    Measure(
        "percentile",
        "P10, P50, P90",
        "money",
        "nearest rank of the AI cost of paying accounts: the cost so many of 100 stay within",
    ),
    Measure(
        "under_water",
        "% under water",
        "percent",
        "paying accounts whose AI cost exceeds their revenue ÷ paying accounts",
    ),
    Measure("target", "Target price", "money", "mean cost ÷ (1 − target margin)"),
    Measure(
        "health",
        "Health",
        "text",
        "by AI margin % against the thresholds set; none without revenue or under 14 days of data",
    ),
)
FORMULAS = {measure.name: measure.formula for measure in (*MEASURES, *DERIVED)}


class UnknownDimensionError(ValueError):
    """A name that is no dimension; says which are."""

    def __init__(self, name: str) -> None:
        known = ", ".join([*DIMENSIONS, f"{TAG}<key>", f"{ATTRIBUTE}<attribute>"])
        super().__init__(f"{name!r} is not a dimension; accepted: {known}")


def dimension(name: str) -> Dimension:
    """Look a dimension up, tags and customer attributes included.

    Raises UnknownDimensionError.
    """
    if name in DIMENSIONS:
        return DIMENSIONS[name]
    if TAG_NAME.fullmatch(name):
        return Dimension(name, f"Tag {name.removeprefix(TAG)}")
    if name.startswith(ATTRIBUTE) and len(name) > len(ATTRIBUTE) and name.isprintable():
        label = f"Customer {name.removeprefix(ATTRIBUTE)}"
        return Dimension(name, label, has_revenue=True)
    raise UnknownDimensionError(name)
