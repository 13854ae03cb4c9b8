"""The filters of a page: what ?plan=, ?feature= … keep, offered and shown with a way out."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.http import HttpRequest
from django.utils import timezone

from billing.dimensions import known, named_tags, tag_values
from billing.margin.labels import labels
from billing.margin.query import NOW, attributes_day
from billing.measures import ATTRIBUTE, GROUP, TAG, is_dated
from billing.models import Plan
from billing.templatetags.links import kept
from customers.models import CustomerAttribute, CustomerParent

# Not "attributes": a field of that name would hide the attributes of its form from scripts.
PARAMETER = "attributes_as"
_MAX_VALUES = 12
_MAX_ATTRIBUTES = 3


@dataclass(frozen=True, slots=True)
class Choice:
    """A select of the filter bar; `unset` is what it says where nothing is chosen."""

    name: str
    label: str
    value: str
    options: Sequence[tuple[str, str]]
    unset: str = ""


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter in force and the parameter to drop for it to go."""

    name: str
    label: str
    value: str


def chosen(request: HttpRequest, accepted: Sequence[str]) -> dict[str, list[str]]:
    """Return the margin's filters among the accepted dimensions.

    'customer.' takes attributes and the group of customers; 'tag.' tags and the attributes of
    people, teams and features, which revenue does not know.
    """
    return {
        name: [value]
        for name, value in kept(request.GET).items()
        if name in accepted or _of_kind(name) in accepted
    }


def _of_kind(name: str) -> str:
    """Name what a page must accept for a filter that is not listed by itself."""
    if name == GROUP or name.startswith(ATTRIBUTE):
        return ATTRIBUTE
    return TAG if "." in name else ""


def attributes_on(request: HttpRequest) -> dt.date | None:
    """Read ?attributes_as=now: today; anything else means each day as it was."""
    choice = NOW if request.GET.get(PARAMETER) == NOW else ""
    return attributes_day(choice, today=timezone.localdate())


def attributes_read(request: HttpRequest, names: Sequence[str] = ()) -> str:
    """Say how attributes are read, where something on the page depends on it ('' if not)."""
    if not any(is_dated(name) for name in (*names, *kept(request.GET))):
        return ""
    on = attributes_on(request)
    read = f"as they are today, {on:%d %b %Y}, on all days" if on else "as they were on each day"
    return f"Attributes and groups {read}."


def chips(filters: Mapping[str, Sequence[str]], *, offered: Sequence[Choice] = ()) -> list[Chip]:
    """Show the filters in force that no select shows."""
    selects = {choice.name for choice in offered}
    found = [name for name in filters if name not in selects]
    names = labels(found)
    return [
        Chip(name, known(name).label, names.get(name, {}).get(filters[name][0], filters[name][0]))
        for name in found
    ]


def selects(request: HttpRequest, *, tags: bool = False) -> list[Choice]:
    """Offer plans, the customer attributes with few values, how they are read, and named tags."""
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
    if values or CustomerParent.objects.exists():
        found.append(reading(request))
    return [*found, *(_tags(request) if tags else [])]


def reading(request: HttpRequest) -> Choice:
    """Offer to read attributes as they are today."""
    value = NOW if request.GET.get(PARAMETER) == NOW else ""
    now = (NOW, "Attributes as they are now")
    return Choice(PARAMETER, "How attributes are read", value, [now], "Attributes as they were")


def _tags(request: HttpRequest) -> list[Choice]:
    """Offer the named tags with few values."""
    return [
        Choice(tag.key, tag.label, request.GET.get(tag.key, ""), [(v, v) for v in found])
        for tag in named_tags()
        if 0 < len(found := tag_values(tag, limit=_MAX_VALUES + 1)) <= _MAX_VALUES
    ]
