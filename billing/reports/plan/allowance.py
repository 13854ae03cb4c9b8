"""Allowances: how much an account may use, whom it limits, and what is used above it."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from billing.reports.plan.accounts import PlanAccount
from billing.reports.plan.pricing import price_for
from billing.reports.plan.spread import percentile
from tknops.money import divide

_SHARES = (50, 75, 90, 95)


@dataclass(frozen=True, slots=True)
class Allowance:
    """A cost an account may cause in the period, in money, tokens and calls.

    `limited` accounts of `accounts` use more, together `over` above it; `price` holds the target
    margin for an account that uses it up.
    """

    label: str
    cost: Decimal
    tokens: int | None
    calls: int | None
    limited: int
    accounts: int
    over: Decimal
    price: Decimal

    @property
    def within(self) -> int:
        """How many accounts it leaves alone."""
        return self.accounts - self.limited

    @property
    def share(self) -> Decimal | None:
        """Return the share of the accounts it leaves alone, in percent."""
        return divide(Decimal(self.within * 100), Decimal(self.accounts), 4)


@dataclass(frozen=True, slots=True)
class Terms:
    """What is asked: the target margin and the share of accounts to cover, in percent.

    `today` is what an account pays on average; `digits` those of a price.
    """

    today: Decimal | None
    target: Decimal
    cover: int
    digits: int

    @property
    def affordable(self) -> Decimal | None:
        """Return what an account may cost at today's price: price × (1 − target margin)."""
        return None if self.today is None else self.today * (100 - self.target) / 100


def allowance(
    accounts: Sequence[PlanAccount], cost: Decimal, terms: Terms, label: str
) -> Allowance:
    """Say what an allowance of a cost means for the paying accounts of known cost.

    Tokens and calls = allowance ÷ cost per token (call) of all these accounts, rounded down.
    """
    known = [one for one in accounts if one.cost is not None]
    whole = sum((one.cost or Decimal(0) for one in known), Decimal(0))
    above = [one.cost - cost for one in known if one.cost is not None and one.cost > cost]
    return Allowance(
        label=label,
        cost=cost,
        tokens=_units(cost, sum(one.tokens for one in known), whole),
        calls=_units(cost, sum(one.calls for one in known), whole),
        limited=len(above),
        accounts=len(known),
        over=sum(above, Decimal(0)),
        price=price_for(cost, terms.target, terms.digits),
    )


def _units(cost: Decimal, units: int, whole: Decimal) -> int | None:
    return int(cost * units // whole) if whole > 0 and units else None


def recommended(accounts: Sequence[PlanAccount], terms: Terms) -> Allowance | None:
    """Return the allowance that leaves enough accounts alone and holds the target margin.

    It is the larger of what today's price affords and the percentile of cost to be covered; where
    the second is larger, today's price is too low for it. None where no cost is known.
    """
    costs = sorted(one.cost for one in accounts if one.cost is not None)
    needed = percentile(costs, terms.cover)
    if needed is None:
        return None
    cost = max(needed, terms.affordable or needed)
    return allowance(accounts, cost, terms, f"Recommended for {terms.cover} % of accounts")


def allowances(accounts: Sequence[PlanAccount], terms: Terms, chosen: Allowance) -> list[Allowance]:
    """Lay the chosen allowance beside those today's price affords and those for other shares."""
    costs = sorted(one.cost for one in accounts if one.cost is not None)
    found = []
    if terms.today is not None and terms.affordable is not None:
        found = [
            ("Break-even at today's price", terms.today),
            (f"{terms.target} % margin at today's price", terms.affordable),
        ]
    for share in _SHARES:
        if (cost := percentile(costs, share)) is not None:
            found.append((f"Leaves {share} % of accounts alone", cost))
    others = [allowance(accounts, cost, terms, label) for label, cost in found]
    return [chosen, *sorted(others, key=lambda one: one.cost)]
