"""Whose and what for: derive an attribution for every context, old and new."""

from usage.attribution.derive import attribute, attribute_if_changed
from usage.attribution.known import known_customers

__all__ = ["attribute", "attribute_if_changed", "known_customers"]
