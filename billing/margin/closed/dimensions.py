"""Every dimension there is, by what is frozen with it."""

from dataclasses import dataclass

from billing.dimensions import attributes
from billing.margin.closed.columns import OTHERWISE
from billing.margin.closed.labels import PERSONAL
from billing.measures import CHARGE_CLASS, DIMENSIONS, TAG, dimension
from tknops.calendar import GRAINS
from usage.models import TagKey

# Known by the days of a row.
_DAYS = frozenset((*GRAINS, "utc_day", "utc_month"))


@dataclass(frozen=True, slots=True)
class Dimensions:
    """The labels that are columns, and those of usage, of revenue and of shared cost."""

    labels: tuple[str, ...]
    usage: tuple[str, ...]
    revenue: tuple[str, ...]
    shared: tuple[str, ...]


def dimensions() -> Dimensions:
    """Read which there are now."""
    labels = (
        *(n for n in DIMENSIONS if n not in {*_DAYS, *PERSONAL, CHARGE_CLASS}),
        *(one.name for one in attributes()),
        *(TAG + key for key in TagKey.objects.order_by("key").values_list("key", flat=True)),
        OTHERWISE,
    )
    usage = tuple(name for name in labels if name != OTHERWISE)
    return Dimensions(
        labels,
        usage,
        tuple(name for name in usage if dimension(name).has_revenue),
        tuple(name for name in labels if dimension(name).has_allocation),
    )
