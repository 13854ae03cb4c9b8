"""A question asked as if other prices were in force: what a change would make of the figures."""

from dataclasses import dataclass

from usage.pricing import PriceChange


@dataclass(frozen=True, slots=True, eq=False)
class Scenario:
    """A change of the price book, and the cube's files cut as it needs them (None: as they are)."""

    change: PriceChange
    files: tuple[str, ...] | None = None
