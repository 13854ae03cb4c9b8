"""Whose and what for: derive an attribution for every context, old and new."""

from usage.attribution.derive import attribute

__all__ = ["attribute"]
