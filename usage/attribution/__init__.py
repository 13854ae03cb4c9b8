"""Whose and what for: derive an attribution for every context, old and new."""

from usage.attribution.derive import apply_rules, attribute, attribute_if_changed
from usage.attribution.known import known_customers
from usage.attribution.targets import retarget

__all__ = ["apply_rules", "attribute", "attribute_if_changed", "known_customers", "retarget"]
