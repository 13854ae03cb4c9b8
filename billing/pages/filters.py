"""The filters of a page: what ?plan=, ?feature= … keep, offered and shown with a way out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.http import HttpRequest

from billing.margin.labels import labels
from billing.measures import ATTRIBUTE, dimension
from billing.models import Plan
from billing.templatetags.links import kept
from customers.models import CustomerAttribute

_MAX_VALUES = 12
_MAX_ATTRIBUTES = 3


@dataclass(frozen=True, slots=True)
class Choice:
    """A select of the filter bar."""

    name: str
    label: str
    value: str
    options: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter in force and the parameter to drop for it to go."""

    name: str
    label: str
    value: str


def chosen(request: HttpRequest, accepted: Sequence[str]) -> dict[str, list[str]]:
    """Return the margin's filters among the accepted dimensions; 'customer.' takes attributes."""
    return {
        name: [value]
        for name, value in kept(request.GET).items()
        if name in accepted or (name.startswith(ATTRIBUTE) and ATTRIBUTE in accepted)
    }


def chips(filters: Mapping[str, Sequence[str]], *, offered: Sequence[Choice] = ()) -> list[Chip]:
    """Show the filters in force that no select shows."""
    selects = {choice.name for choice in offered}
    found = [name for name in filters if name not in selects]
    names = labels(found)
    return [
        Chip(
            name, dimension(name).label, names.get(name, {}).get(filters[name][0], filters[name][0])
        )
        for name in found
    ]


def selects(request: HttpRequest) -> list[Choice]:
    """Offer plans and the customer attributes with few values."""
    plans = list(Plan.objects.order_by("name").values_list("code", "name"))
    found = [Choice("plan", "Plan", request.GET.get("plan", ""), plans)] if plans else []
    values: dict[str, list[tuple[str, str]]] = {}
    distinct = CustomerAttribute.objects.order_by("name", "value").values_list("name", "value")
    for name, value in distinct.distinct():
        values.setdefault(name, []).append((value, value))
    few = [(name, options) for name, options in values.items() if len(options) <= _MAX_VALUES]
    for name, options in few[:_MAX_ATTRIBUTES]:
        key = ATTRIBUTE + name
        found.append(Choice(key, name.capitalize(), request.GET.get(key, ""), options))
    return found
