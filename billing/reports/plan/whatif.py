"""What months that were would have left at another price, allowance or provider price.

A pure function over rows of the margin; nothing is stored, and nobody is assumed to leave.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from tknops.money import divide

# A quotient has no last digit; it is rounded half-up to so many decimals, once per account-month.
_DIGITS = 10


@dataclass(frozen=True, slots=True)
class AccountMonth:
    """A customer on a plan in a month: what it paid and cost.

    `touched` is the part of the cost whose provider price changes.
    """

    plan: str
    customer: str
    name: str
    month: str
    revenue: Decimal | None
    cost: Decimal | None
    touched: Decimal | None

    @property
    def plan_key(self) -> tuple[str, str]:
        """Name the account: its plan and customer."""
        return self.plan, self.customer

    @property
    def pays(self) -> bool:
        """Whether it has revenue."""
        return self.revenue is not None and self.revenue > 0


@dataclass(frozen=True, slots=True)
class Change:
    """What is changed, each part as if alone before the next: price, allowance, provider price.

    Revenue × `price_to` ÷ `price_from`. An account-month may cost `allowance` at the prices of
    then; what is above is not served or, where `charged`, billed to those who pay at a price that
    leaves `target` percent. The touched part of what is still served costs `provider_pct` percent
    more (below 0: less).
    """

    price_from: Decimal = Decimal(1)
    price_to: Decimal = Decimal(1)
    allowance: Decimal | None = None
    charged: bool = False
    target: Decimal = Decimal(0)
    provider_pct: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Effect:
    """Revenue and cost of an account-month as they were and as they would have been."""

    was: AccountMonth
    revenue: Decimal | None
    cost: Decimal | None

    @property
    def margin_before(self) -> Decimal | None:
        """Return the margin that was."""
        return _left(self.was.revenue, self.was.cost)

    @property
    def margin(self) -> Decimal | None:
        """Return the margin that would have been."""
        return _left(self.revenue, self.cost)


def what_if(rows: Iterable[AccountMonth], change: Change) -> list[Effect]:
    """Apply a change to each account-month; a cost that is unknown stays unknown."""
    return [Effect(row, _revenue(row, change), _cost(row, change)) for row in rows]


def _revenue(row: AccountMonth, change: Change) -> Decimal | None:
    if row.revenue is None:
        return None
    scaled = row.revenue
    if change.price_from != change.price_to:
        scaled = _scaled(row.revenue, change.price_to, change.price_from)
    if not (change.charged and row.pays):
        return scaled
    return scaled + _scaled(_above(row, change), Decimal(100), 100 - change.target)


def _cost(row: AccountMonth, change: Change) -> Decimal | None:
    """Return what is still served, its touched part at the provider's other price.

    An allowance limits all usage of the account-month alike.
    """
    if row.cost is None:
        return None
    more = (row.touched or Decimal(0)) * change.provider_pct / 100
    above = Decimal(0) if change.charged else _above(row, change)
    if not above:
        return row.cost + more
    served = row.cost - above
    return served + (_scaled(more, served, row.cost) if more else Decimal(0))


def _above(row: AccountMonth, change: Change) -> Decimal:
    if change.allowance is None or row.cost is None:
        return Decimal(0)
    return max(row.cost - change.allowance, Decimal(0))


def _scaled(amount: Decimal, numerator: Decimal, denominator: Decimal) -> Decimal:
    return divide(amount * numerator, denominator, _DIGITS) or Decimal(0)


def _left(revenue: Decimal | None, cost: Decimal | None) -> Decimal | None:
    return None if revenue is None or cost is None else revenue - cost
