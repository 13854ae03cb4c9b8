"""Pools made of unattributed usage: no usage may be in two of them."""

import datetime as dt
from collections.abc import Mapping, Sequence

from billing.models import CostPoolAmount

# Cost without a customer has no plan and no customer's attribute; a day is what the dates say.
EXCLUDED = ("customer", "plan", "day", "month")
Filters = Mapping[str, Sequence[str]]


def clashing(
    *, filters: Filters, start: dt.date, end: dt.date | None, but: int | None = None
) -> CostPoolAmount | None:
    """Return an amount that takes some of the same usage on some of the same days."""
    others = CostPoolAmount.objects.filter(source=CostPoolAmount.Source.USAGE)
    if but is not None:
        others = others.exclude(pk=but)
    for other in others.select_related("pool").order_by("pk"):
        apart = other.service_start >= (end or dt.date.max) or start >= (
            other.service_end or dt.date.max
        )
        if not apart and not _disjoint(filters, other.usage_filter):
            return other
    return None


def _disjoint(one: Filters, other: Filters) -> bool:
    return any(not set(one[name]) & set(other[name]) for name in one.keys() & other.keys())
