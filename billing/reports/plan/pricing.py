"""Which price covers how many accounts at a target margin.

An account is covered by a price if cost ≤ price × (1 − target margin): served at that price, it
leaves the target margin or more.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from billing.reports.plan.spread import percentile
from tknops.money import divide, round_half_up

_SHARES = (50, 75, 80, 90, 95, 100)
_MOST_POINTS = 100


@dataclass(frozen=True, slots=True)
class Coverage:
    """A price per account, how many of the accounts it covers, and what they would leave at it."""

    label: str
    price: Decimal
    covered: int
    accounts: int
    margin: Decimal

    @property
    def share(self) -> Decimal | None:
        """Return the share of the accounts covered, in percent."""
        return divide(Decimal(self.covered * 100), Decimal(self.accounts), 4)

    @property
    def margin_pct(self) -> Decimal | None:
        """Return the AI margin % if every account paid the price; None for a price of 0."""
        return divide(self.margin * 100, self.price * self.accounts, 4)


def covers(price: Decimal, cost: Decimal, target: Decimal) -> bool:
    """Tell whether a price covers a cost at a target margin in percent."""
    return cost * 100 <= price * (100 - target)


def price_for(cost: Decimal, target: Decimal, digits: int) -> Decimal:
    """Return the smallest price of so many decimals that covers a cost at a target margin."""
    quotient = divide(cost * 100, 100 - target, digits)
    price = round_half_up(cost, digits) if quotient is None else quotient
    return price if covers(price, cost, target) else price + Decimal(1).scaleb(-digits)


def coverage(
    costs: Sequence[Decimal], price: Decimal, target: Decimal, label: str = ""
) -> Coverage:
    """Count the accounts a price covers."""
    covered = sum(covers(price, cost, target) for cost in costs)
    margin = price * len(costs) - sum(costs, Decimal(0))
    return Coverage(label, price, covered, len(costs), margin)


def prices(
    costs: Sequence[Decimal], *, today: Decimal | None, target: Decimal, digits: int
) -> list[Coverage]:
    """Return today's price, the break-even and the target price, and those for shares covered.

    `today` is what an account pays on average; break-even is the mean cost. By price.
    """
    if not costs:
        return []
    ordered = sorted(costs)
    mean = divide(sum(costs, Decimal(0)), Decimal(len(costs)), 6) or Decimal(0)
    aimed = divide(mean * 100, 100 - target, 6) or Decimal(0)
    found = [("Break-even: the mean cost", mean), (f"Target price for {target} % margin", aimed)]
    if today is not None:
        found.insert(0, ("Paid today on average", today))
    for share in _SHARES:
        cost = percentile(ordered, share) or Decimal(0)
        found.append((f"Covers {share} % of accounts", price_for(cost, target, digits)))
    rows = [coverage(costs, price, target, label) for label, price in found]
    return sorted(rows, key=lambda row: row.price)


def curve(costs: Sequence[Decimal], *, target: Decimal, digits: int) -> list[Coverage]:
    """Return the price → share covered, a point wherever the share grows (at most 100)."""
    ordered = sorted(costs)
    if len(ordered) > _MOST_POINTS:
        ordered = [percentile(ordered, share) or Decimal(0) for share in range(1, 101)]
    steps = sorted({price_for(cost, target, digits) for cost in ordered})
    return [coverage(costs, price, target) for price in steps]
