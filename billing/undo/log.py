"""Changes as the audit log has them: all rows one request changed stand together."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pghistory.models
from django.contrib.auth import get_user_model
from django.db.models import Max, Model

from billing.models import AllocationRule
from customers.dated import Dated, DatedAttribute, said_days
from customers.models import CustomerAttribute, CustomerParent, EndUserAttribute, TeamAttribute
from usage.models import FeatureAttribute

# By the name a change carries in its address.
MODELS: Mapping[str, type[Model]] = {
    model._meta.label_lower.replace(".", "-"): model
    for model in (
        CustomerAttribute, CustomerParent, EndUserAttribute, TeamAttribute, FeatureAttribute,
        AllocationRule,
    )
}  # fmt: skip
WORDS = {"insert": "added", "update": "changed", "delete": "removed"}
_LISTED = 200


@dataclass(frozen=True, slots=True)
class Item:
    """One row that was changed: its entry in the log and how it was before (None: not there)."""

    kind: str
    entry: Any
    before: Any

    @property
    def model(self) -> type[Model]:
        """The table of the row."""
        return MODELS[self.kind]

    @property
    def said(self) -> str:
        """Say what was done, in words."""
        row = self.entry
        name = str(self.model._meta.verbose_name)
        what = f"{name} {WORDS[row.pgh_label]}: {_said(self.model, row)}"
        if row.pgh_label == "update" and self.before is not None:
            return f"{what}; before: {_said(self.model, self.before)}"
        return what


@dataclass(frozen=True, slots=True)
class Change:
    """What one request, file or command changed, the newest entry first."""

    key: str
    at: dt.datetime
    user: str
    items: list[Item]


@dataclass(frozen=True, slots=True)
class Touched:
    """What reports group by that some change concerns: dimensions and pools."""

    dimensions: frozenset[str]
    pools: frozenset[int]

    def __bool__(self) -> bool:
        """Tell whether anything a report groups by was changed."""
        return bool(self.dimensions or self.pools)


def changes(*, limit: int = _LISTED) -> list[Change]:
    """List the newest changes that can be taken back, each request once."""
    entries = [
        (kind, entry)
        for kind, log in _logs()
        for entry in log.objects.select_related("pgh_context").order_by("-pgh_id")[:limit]
    ]
    return _grouped(entries)[:limit]


def change_of(key: str) -> Change | None:
    """Find a change by its key."""
    if ":" in key:
        kind, _, number = key.partition(":")
        found = [(kind, number)] if kind in MODELS and number.isdecimal() else []
        entries = [
            (kind, entry)
            for kind, number in found
            for entry in _log(MODELS[kind]).objects.filter(pgh_id=int(number[:18]))
        ]
    else:
        entries = [
            (kind, entry)
            for kind, log in _logs()
            for entry in log.objects.select_related("pgh_context").filter(pgh_context_id=key)
        ]
    return next(iter(_grouped(entries)), None)


def newest() -> Mapping[str, int]:
    """Return the last entry of each log: what comes after it is a change since."""
    return {kind: log.objects.aggregate(last=Max("pgh_id"))["last"] or 0 for kind, log in _logs()}


def touched_since(mark: Mapping[str, int]) -> Touched:
    """Name what the changes since concern."""
    items = [
        Item(kind, entry, _before(log, entry))
        for kind, log in _logs()
        for entry in log.objects.filter(pgh_id__gt=mark[kind])
    ]
    return touched(items)


def touched(items: Iterable[Item]) -> Touched:
    """Name what some changed rows concern, before and after."""
    dimensions: set[str] = set()
    pools: set[int] = set()
    for item in items:
        for row in filter(None, (item.entry, item.before)):
            if issubclass(item.model, DatedAttribute):
                dimensions.add(f"{item.model.OWNER}.{row.name}")
            elif item.model is CustomerParent:
                dimensions.add("customer_group")
            else:
                pools.add(row.pool_id)
    return Touched(frozenset(dimensions), frozenset(pools))


def _logs() -> list[tuple[str, Any]]:
    return [(kind, _log(model)) for kind, model in MODELS.items()]


def _log(model: Any) -> Any:
    return model.pgh_event_models["update"]


def _grouped(entries: Iterable[tuple[str, Any]]) -> list[Change]:
    together: dict[str, list[tuple[str, Any]]] = defaultdict(list)
    for kind, entry in entries:
        key = str(entry.pgh_context_id) if entry.pgh_context_id else f"{kind}:{entry.pgh_id}"
        together[key].append((kind, entry))
    people = _people(entry for some in together.values() for _, entry in some)
    found = [_change(key, some, people) for key, some in together.items()]
    # All of one transaction have its instant; in a log the number tells the order.
    return sorted(found, key=lambda one: (one.at, one.items[0].entry.pgh_id), reverse=True)


def _change(key: str, some: list[tuple[str, Any]], people: Mapping[int, str]) -> Change:
    some.sort(key=lambda pair: (pair[1].pgh_created_at, pair[1].pgh_id), reverse=True)
    first = some[0][1]
    items = [Item(kind, entry, _before(_log(MODELS[kind]), entry)) for kind, entry in some]
    return Change(key, first.pgh_created_at, people.get(_user(first) or 0, ""), items)


def _before(log: Any, entry: Any) -> Any:
    """Return the row as the entry before has it; None where it was not there."""
    if entry.pgh_label == "delete":
        return entry  # the log keeps what was deleted
    if entry.pgh_label == "insert":
        return None
    earlier = log.objects.filter(pgh_obj_id=entry.pgh_obj_id, pgh_id__lt=entry.pgh_id)
    return earlier.order_by("-pgh_id").first()


def _user(entry: Any) -> int | None:
    context: pghistory.models.Context | None = entry.pgh_context
    number = (context.metadata or {}).get("user") if context else None
    return number if isinstance(number, int) else None


def _people(entries: Iterable[Any]) -> Mapping[int, str]:
    numbers = {number for entry in entries if (number := _user(entry))}
    people = get_user_model().objects.in_bulk(numbers)
    return {number: str(person) for number, person in people.items()}


def _said(model: type[Model], row: Any) -> str:
    days = said_days(row.valid_from, row.valid_to)
    if issubclass(model, DatedAttribute):
        return f"{_named(row, model.OWNER)}, {row.name} = {row.value}, {days}"
    if issubclass(model, Dated):
        return f"{_named(row, 'customer')} belongs to {_named(row, 'parent')}, {days}"
    shared = f"to {row.get_target_display()} {row.get_method_display()}"
    return f"{_named(row, 'pool')} shared {shared}, {days}"


def _named(row: Any, field: str) -> str:
    related = row._meta.get_field(field).related_model
    found = related.objects.filter(pk=getattr(row, f"{field}_id")).first()
    return str(found) if found else "(gone)"
