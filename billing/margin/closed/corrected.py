"""A difference of usage and cost, with signs: what is unknown in it follows from its sums alone."""

from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal

from billing.margin.closed.fixed import Key
from billing.margin.cost import CostRow
from usage.tokens import PRICED, QUANTITIES, UNITS


@dataclass(slots=True)
class CorrectedCost:
    """Signed sums of usage and cost of one cost class."""

    events: int = 0
    tokens: Counter[str] = field(default_factory=Counter)
    stated: Decimal = Decimal(0)
    unpriced_events: int = 0
    unpriced: Counter[str] = field(default_factory=Counter)
    money: Decimal = Decimal(0)
    unconverted: dict[str, Decimal] = field(default_factory=dict)

    @classmethod
    def of(cls, row: CostRow) -> "CorrectedCost":
        """Take the sums of a row."""
        found = cls()
        found.add(row, 1)
        return found

    def add(self, row: CostRow, sign: int) -> None:
        """Add a row, or with -1 take it off."""
        self.events += sign * row.events
        for name, count in row.tokens.items():
            self.tokens[name] += sign * count
        for name, count in row.unpriced.items():
            self.unpriced[name] += sign * count
        self.stated += sign * (row.stated_cost or Decimal(0))
        self.unpriced_events += sign * row.unpriced_events
        self.money += sign * (row.cost or Decimal(0))
        for code, amount in row.unconverted.items():
            self.unconverted[code] = self.unconverted.get(code, Decimal(0)) + sign * amount

    def row(self, key: Key, cost_class: str) -> CostRow | None:
        """Return it as a row; None where nothing is left."""
        unpriced = {name: count for name, count in self.unpriced.items() if count}
        counted = self.events or self.unpriced_events or any(self.tokens.values())
        waiting = {code: amount for code, amount in self.unconverted.items() if amount}
        if not (counted or self.stated or self.money or unpriced or waiting):
            return None
        used = sum(self.tokens[name] for name in PRICED)
        # What has a price and no rate is in no price of ours either.
        priced = bool(self.money or (used - sum(unpriced.values()) and not waiting))
        cost = self.money if priced or not (unpriced or waiting) else None
        served = cost_class == "COGS"
        return CostRow(
            key=key,
            events=self.events,
            tokens={name: self.tokens[name] for name in QUANTITIES},
            cost=cost,
            cost_of_revenue=cost if served else Decimal(0),
            stated_cost=self.stated or None,
            unpriced_events=self.unpriced_events,
            unpriced_tokens=sum(n for name, n in unpriced.items() if name != UNITS),
            unpriced=unpriced,
            priced=priced,
            priced_of_revenue=priced and served,
            unconverted=waiting,
        )
