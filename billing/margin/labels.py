"""Shown names of keys."""

from collections.abc import Sequence
from typing import Any

from billing.models import Plan
from customers.models import Customer, EndUser, Team
from usage.models import Feature, Provider

_NAMED: dict[str, tuple[Any, str]] = {
    "customer": (Customer, "external_id"),
    "plan": (Plan, "code"),
    "feature": (Feature, "external_id"),
    "team": (Team, "external_id"),
    "provider": (Provider, "code"),
    "end_user": (EndUser, "external_id"),
}


def labels(dimensions: Sequence[str]) -> dict[str, dict[str, str]]:
    """Map key → name for the dimensions that have names."""
    return {
        name: {key: str(shown) for key, shown in model.objects.values_list(column, "name") if shown}
        for name in dimensions
        if name in _NAMED
        for model, column in [_NAMED[name]]
    }
