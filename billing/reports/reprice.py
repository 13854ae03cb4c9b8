"""What a change of the price book would move: the margin asked twice, never another formula."""

from dataclasses import dataclass
from decimal import Decimal, localcontext

from django.db.models import Max, Min

from billing.margin import Scenario, margin, snapshot
from billing.reports.moved import Move, by, moves
from billing.reports.rows import ZERO
from tknops.calendar import Period, month_start, next_month
from tknops.money import EXACT
from usage.cube import cut_for
from usage.models import CubeSegment
from usage.pricing import Book, PriceChange

DIMENSIONS = ("customer", "month", "provider", "model")


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


def preview(change: PriceChange, *, period: Period | None = None) -> Preview:
    """Ask the margin before and after a change, over all months with usage or these days."""
    while True:
        with snapshot():
            days = period or months_of_usage()
            if days is None or not change:
                return Preview(days, [])
            with cut_for(Book(change)) as files:
                before = margin(by=DIMENSIONS, period=days)
                after = margin(by=DIMENSIONS, period=days, scenario=Scenario(change, files))
        # Inside a transaction that read before there is no snapshot: look again after a fold.
        if before.as_of == after.as_of:
            return Preview(days, moves(before, after))


def months_of_usage() -> Period | None:
    """Return the whole months the cube holds usage of."""
    found = CubeSegment.objects.filter(replaced_at=None).aggregate(
        first=Min("first_day"), last=Max("last_day")
    )
    if found["first"] is None:
        return None
    return Period(month_start(found["first"]), next_month(found["last"]))
