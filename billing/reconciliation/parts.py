"""The parts of a variance, and how a compared cell falls into them: in a stated order, exactly."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Context, Decimal

from tknops.money import divide

ZERO = Decimal(0)
# A part worked out by a division is rounded to so many decimals; the last part takes the rest.
_DIGITS = 12
# A converted cost has 34 decimals: its product with a quantity needs more digits than a sum.
_WIDE = Context(prec=200)

# In the order of the waterfall: from what reports show to what was billed.
PARTS = {
    "cut_off": (
        "Cut-off",
        "tracked on UTC days − on reporting days of the month, and lines for other months",
    ),
    "quantity": ("Quantity", "(billed − tracked quantity) × tracked cost per priced unit"),
    "price": ("Price", "billed priced quantity × (billed − tracked price): the rest of a cell"),
    "unpriced": ("Unpriced", "tracked quantity without a price × billed cost per unit"),
    "credits": ("Credits", "credits of the bill"),
    "currency": ("Currency", "billed × (rate it was paid at − rate of the usage's day)"),
    "tax": ("Tax", "tax of the bill"),
    "rounding": (
        "Rounding",
        "line − quantity × unit price, and total − sum of lines, within half a minor unit a line",
    ),
    "unexplained": ("Unexplained", "what is left: no quantity billed, no model named, other lines"),
}
# Those that say metering or prices are off; the others have a reason outside both.
GAP = ("quantity", "price", "unpriced", "unexplained")
Parts = Mapping[str, Decimal]


@dataclass(frozen=True, slots=True)
class Billed:
    """What a cell was billed; its quantity is None where the bill does not say it."""

    cost: Decimal = ZERO
    quantity: Decimal | None = ZERO


@dataclass(frozen=True, slots=True)
class Tracked:
    """What a cell was tracked with: cost of the priced part, all quantity, that without price."""

    cost: Decimal = ZERO
    quantity: Decimal = ZERO
    unpriced: Decimal = ZERO

    @property
    def priced(self) -> Decimal:
        """The quantity that has a price."""
        return self.quantity - self.unpriced

    def __add__(self, other: "Tracked") -> "Tracked":
        """Put two cells together."""
        return Tracked(
            self.cost + other.cost, self.quantity + other.quantity, self.unpriced + other.unpriced
        )


def split(billed: Billed, tracked: Tracked) -> dict[str, Decimal]:
    """Split billed − tracked cost of a cell; the parts sum to it to the last digit.

    Unpriced first, then quantity, then price as the rest; where the bill says no quantity, the
    whole is of the one thing it can be, else unexplained.
    """
    difference = billed.cost - tracked.cost
    quantity = billed.quantity
    if quantity is None or (not quantity and billed.cost):
        return _whole(difference, tracked)
    if not quantity or not (tracked.priced or tracked.unpriced):
        return {"quantity": difference}
    unpriced = divide(_WIDE.multiply(tracked.unpriced, billed.cost), quantity, _DIGITS) or ZERO
    if not tracked.priced:
        return {"unpriced": unpriced, "quantity": difference - unpriced}
    more = at_tracked_price(quantity - tracked.quantity, tracked)
    return {"unpriced": unpriced, "quantity": more, "price": difference - unpriced - more}


def at_tracked_price(quantity: Decimal, tracked: Tracked) -> Decimal:
    """Value a quantity at the cell's tracked cost per priced unit."""
    return divide(_WIDE.multiply(quantity, tracked.cost), tracked.priced, _DIGITS) or ZERO


def _whole(difference: Decimal, tracked: Tracked) -> dict[str, Decimal]:
    if not tracked.quantity:
        return {"quantity": difference}
    return {"unexplained" if tracked.priced else "unpriced": difference}


def added(several: Iterable[Parts]) -> dict[str, Decimal]:
    """Sum parts by name; every part is there, in order."""
    found = dict.fromkeys(PARTS, ZERO)
    for parts in several:
        for name, amount in parts.items():
            found[name] += amount
    return found
