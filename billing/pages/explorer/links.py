"""From the other pages to the explorer: the same period and filters."""

from collections.abc import Mapping, Sequence

from django.urls import reverse

from billing.explorer import Exploration
from billing.explorer.address import STANDARD
from billing.explorer.spans import Span
from billing.pages.period import Picked

COST = ("cost", "events", "per_call")


def explore_link(
    *,
    rows: Sequence[str],
    month: Picked,
    filters: Mapping[str, Sequence[str]],
    measures: Sequence[str] = STANDARD,
) -> str:
    """Return the address of the explorer that asks what a page asks."""
    asked = Exploration(
        span=Span(month.period),
        rows=tuple(rows),
        measures=tuple(measures),
        filters={name: tuple(keys) for name, keys in filters.items()},
    )
    return f"{reverse('pages:explorer')}?{asked.query}"
