"""Every dimension and measure, declared once: forms, headings, parameters and glossary follow."""

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
        Dimension("month", "Month", has_revenue=True),
    )
}
TAG = "tag."
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
    if name.startswith(TAG) and len(name) > len(TAG):
        return Dimension(name, f"Tag {name.removeprefix(TAG)}")
    if name.startswith(ATTRIBUTE) and len(name) > len(ATTRIBUTE):
        label = f"Customer {name.removeprefix(ATTRIBUTE)}"
        return Dimension(name, label, has_revenue=True)
    raise UnknownDimensionError(name)
