"""From the other pages to the explorer: the same period and filters."""

from collections.abc import Mapping, Sequence

from django.http import HttpRequest
from django.urls import reverse

from billing.explorer import Exploration
from billing.explorer.address import STANDARD
from billing.explorer.spans import Span
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

    On the page's basis, and with attributes read as the page reads them.
    """
    asked = _asked(request, rows=rows, month=month, filters=filters, measures=measures)
    return f"{reverse('pages:explorer')}?{asked.query}"


def why_link(request: HttpRequest, *, month: Picked, filters: Mapping[str, Sequence[str]]) -> str:
    """Return the address of a figure's page, where it says which rules brought its cost."""
    asked = _asked(request, rows=(), month=month, filters=filters, measures=STANDARD)
    return f"{reverse('pages:explorer-cell')}?{asked.query}#tk-why"


def _asked(
    request: HttpRequest,
    *,
    rows: Sequence[str],
    month: Picked,
    filters: Mapping[str, Sequence[str]],
    measures: Sequence[str],
) -> Exploration:
    return Exploration(
        span=Span(month.period),
        rows=tuple(rows),
        measures=tuple(measures),
        filters={name: tuple(keys) for name, keys in filters.items()},
        basis=cost_basis(request),
        attributes_on=attributes_on(request),
    )
