"""A change of the price book as data: shown in money first, then applied, the same one."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from usage.models import Price, PriceAdjustment

Model = tuple[str, str]


@dataclass(frozen=True, slots=True, eq=False)
class PriceChange:
    """Rows to add (not saved yet) and ids of rows to end; aliases are (provider, alias) → model."""

    prices: tuple[Price, ...] = ()
    ended_prices: frozenset[int] = frozenset()
    adjustments: tuple[PriceAdjustment, ...] = ()
    ended_adjustments: frozenset[int] = frozenset()
    aliases: Mapping[Model, str] = field(default_factory=dict)
    ended_aliases: frozenset[Model] = frozenset()

    def __bool__(self) -> bool:
        """Whether it changes anything."""
        added = self.prices or self.adjustments or self.aliases
        return bool(added or self.ended_prices or self.ended_adjustments or self.ended_aliases)


NOTHING = PriceChange()
