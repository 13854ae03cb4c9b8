"""Sums of a cell over its lines, put together from those of its days."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from billing.margin import MarginRow
from billing.margin.cost import CostRow, together


@dataclass(frozen=True, slots=True)
class Sums:
    """What a margin row says of usage, summed again from the ledger."""

    events: int
    tokens: dict[str, int]
    cost: Decimal | None
    stated_cost: Decimal | None
    unpriced_events: int
    unpriced_tokens: int

    def equal(self, row: MarginRow) -> bool:
        """Whether a margin row says the same, to the last digit."""
        return all(getattr(self, name) == getattr(row, name) for name in self.__slots__)


def summed(rows: Sequence[CostRow]) -> Sums:
    """Sum the rows; the cost is unknown where something lacks a price and nothing has one."""
    whole = together((), rows)
    return Sums(**{name: getattr(whole, name) for name in Sums.__slots__})


def amounts(rows: Iterable[CostRow]) -> dict[str, Decimal]:
    """Sum all that adds up, as it is known: what is nothing is left out."""
    found: Counter[str] = Counter()
    money: dict[str, Decimal] = {}
    for row in rows:
        found.update({"events": row.events, "unpriced_events": row.unpriced_events, **row.tokens})
        for name, amount in (("cost", row.cost), ("stated", row.stated_cost)):
            money[name] = money.get(name, Decimal(0)) + (amount or Decimal(0))
    counted = {name: Decimal(count) for name, count in found.items()}
    return {name: amount for name, amount in (counted | money).items() if amount}
