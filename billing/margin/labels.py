"""Shown names of keys."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from billing.margin.memory import Memory
from billing.measures import GROUP
from billing.models import Plan
from customers.models import Customer, EndUser, Team
from usage.models import Feature, Provider
from usage.revisions import Revisions

_NAMED: dict[str, tuple[Any, str]] = {
    "customer": (Customer, "external_id"),
    GROUP: (Customer, "external_id"),
    "plan": (Plan, "code"),
    "feature": (Feature, "external_id"),
    "team": (Team, "external_id"),
    "provider": (Provider, "code"),
    "end_user": (EndUser, "external_id"),
}


_TABLES = {name: model._meta.db_table for name, (model, _) in _NAMED.items()}
_names = Memory()


def labels(
    dimensions: Sequence[str], revisions: Revisions | None = None
) -> dict[str, dict[str, str]]:
    """Map key → name for the dimensions that have names, as of the revisions (None: now)."""
    revisions = revisions or Revisions.read()
    return {
        name: _names.get((name, revisions.of(_TABLES[name])), partial(_read, name))
        for name in dimensions
        if name in _NAMED
    }


def forget() -> None:
    """Drop the names this process remembers."""
    _names.clear()


def _read(name: str) -> dict[str, str]:
    model, column = _NAMED[name]
    rows = model.objects.values_list(column, "name")
    return {key: str(shown) for key, shown in rows if shown}
