"""Whose and what for: derive an attribution for every context, old and new."""

from usage.attribution.derive import attribute, attribute_if_changed

__all__ = ["attribute", "attribute_if_changed"]
