"""From the other pages to the explorer: the same period and filters."""

from collections.abc import Mapping, Sequence

from django.http import HttpRequest
from django.urls import reverse

from billing.explorer import Exploration
from billing.explorer.address import STANDARD
from billing.explorer.spans import Span
from billing.measures import COST_BASES
from billing.pages.basis import cost_basis
from billing.pages.filters import attributes_on
from billing.pages.period import Picked

COST = ("cost", "events", "per_call")


def explore_link(
    request: HttpRequest,
    *,
    rows: Sequence[str],
    month: Picked,
    filters: Mapping[str, Sequence[str]],
    measures: Sequence[str] = STANDARD,
) -> str:
    """Return the address of the explorer that asks what a page asks.

    It has the first basis and attributes as they were: '' where a page has chosen otherwise, since
    the figures would be others.
    """
    if cost_basis(request) != next(iter(COST_BASES)) or attributes_on(request):
        return ""
    asked = Exploration(
        span=Span(month.period),
        rows=tuple(rows),
        measures=tuple(measures),
        filters={name: tuple(keys) for name, keys in filters.items()},
    )
    return f"{reverse('pages:explorer')}?{asked.query}"
