"""What a change of the price book would move: the margin asked twice, never another formula."""

from dataclasses import dataclass
from decimal import Decimal, localcontext

from django.db.models import Max, Min

from billing.margin import Scenario, margin, snapshot
from billing.reports.compared import Move, Part, by, moves, part
from billing.reports.rows import ZERO
from tknops.calendar import Period, month_start, next_month
from tknops.money import EXACT
from usage.cube import cube_files, cut_for
from usage.models import CubeSegment
from usage.pricing import Book, PriceChange

DIMENSIONS = ("customer", "month", "provider", "model")
_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Preview:
    """Moves per customer × month × provider × model over all months asked for."""

    period: Period | None
    moves: list[Move]

    @property
    def total(self) -> Decimal:
        """Return the money moved, exact."""
        with localcontext(EXACT):
            return sum((move.moved for move in self.moves), ZERO)

    @property
    def by_customer(self) -> list[Move]:
        """Sum per customer."""
        return by(self.moves, 0)

    @property
    def by_month(self) -> list[Move]:
        """Sum per month, the oldest first."""
        return sorted(by(self.moves, 1), key=lambda move: move.key)

    @property
    def by_model(self) -> list[Move]:
        """Sum per provider and model."""
        return by(self.moves, 2, 3)

    @property
    def parts(self) -> list[Part]:
        """Return what a page shows: every month, the models and customers of most money."""
        return [
            part("Month", self.by_month, len(self.by_month)),
            part("Model", self.by_model, _SHOWN),
            part("Customer", self.by_customer, _SHOWN),
        ]


def preview(change: PriceChange, *, period: Period | None = None) -> Preview:
    """Ask the margin before and after a change, over all months with usage or these days."""
    with snapshot():
        days = period or months_of_usage()
        if days is None or not change:
            return Preview(days, [])
        # The same files for both, also inside a transaction that cannot have a snapshot any more.
        now = tuple(cube_files(period=days))
        with cut_for(Book(change)) as cut:
            before = margin(by=DIMENSIONS, period=days, scenario=Scenario(PriceChange(), now))
            after = margin(by=DIMENSIONS, period=days, scenario=Scenario(change, cut or now))
    return Preview(days, moves(before, after))


def months_of_usage() -> Period | None:
    """Return the whole months the cube holds usage of."""
    found = CubeSegment.objects.filter(replaced_at=None).aggregate(
        first=Min("first_day"), last=Max("last_day")
    )
    if found["first"] is None:
        return None
    return Period(month_start(found["first"]), next_month(found["last"]))
