"""Sums of a cell over its lines, put together from those of its days."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from billing.margin import MarginRow
from billing.margin.cost import CostRow
from usage.tokens import PRICED, QUANTITIES


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
    known = [row for row in rows if row.cost is not None]
    priced = any(row.tokens[name] for row in known for name in PRICED)
    stated = [row.stated_cost for row in rows if row.stated_cost is not None]
    cost = sum((row.cost for row in known if row.cost is not None), Decimal(0))
    return Sums(
        events=sum(row.events for row in rows),
        tokens={name: sum(row.tokens[name] for row in rows) for name in QUANTITIES},
        cost=cost if priced or len(known) == len(rows) else None,
        stated_cost=sum(stated, Decimal(0)) if stated else None,
        unpriced_events=sum(row.unpriced_events for row in rows),
        unpriced_tokens=sum(row.unpriced_tokens for row in rows),
    )
