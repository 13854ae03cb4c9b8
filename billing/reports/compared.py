"""Two reports of the same question compared row by row: differences that sum exactly."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext

from billing.margin import MarginReport, MarginRow
from billing.reports.rows import ZERO
from tknops.money import EXACT


@dataclass(frozen=True, slots=True)
class Move:
    """A figure of one key before and after; None = unknown. `moved` counts what is known."""

    key: tuple[str, ...]
    before: Decimal | None
    after: Decimal | None
    unpriced_before: int = 0
    unpriced_after: int = 0

    @property
    def moved(self) -> Decimal:
        """Return what is known after less what was before."""
        return (self.after or ZERO) - (self.before or ZERO)

    @property
    def changed(self) -> bool:
        """Whether anything is different, be it only what is known."""
        known = (self.before, self.unpriced_before)
        return known != (self.after, self.unpriced_after)


@dataclass(frozen=True, slots=True)
class Part:
    """Some moves by `head`: those shown, the sum of the others, and that of all."""

    head: str
    moves: list[Move]
    others: Move | None
    total: Move


def part(head: str, found: Sequence[Move], most: int) -> Part:
    """Show the first of some moves and sum the others, so that the rows are the total."""
    shown = most if len(found) > most + 1 else len(found)
    rest = found[shown:]
    others = _summed((f"{len(rest):,} others",), rest) if rest else None
    return Part(head, list(found[:shown]), others, _summed(("Total",), found))


def _summed(key: tuple[str, ...], found: Iterable[Move]) -> Move:
    summed = Move(key, None, None)
    with localcontext(EXACT):
        for one in found:
            summed = _sum(key, summed, one)
    return summed


def moves(before: MarginReport, after: MarginReport, figure: str = "cost") -> list[Move]:
    """Pair the rows of two reports by the same dimensions; unchanged keys are left out.

    Σ moved = total after − total before of the figure, cost or revenue, to the last digit.
    """
    old = {row.key: row for row in before.rows}
    new = {row.key: row for row in after.rows}
    with localcontext(EXACT):
        found = [
            _move(key, old.get(key), new.get(key), figure)
            for key in sorted(old.keys() | new.keys())
        ]
    return [move for move in found if move.changed]


def by(moved: Iterable[Move], *positions: int) -> list[Move]:
    """Sum moves over all but these parts of their keys, the largest first."""
    summed: dict[tuple[str, ...], Move] = {}
    with localcontext(EXACT):
        for one in moved:
            key = tuple(one.key[position] for position in positions)
            known = summed.get(key)
            summed[key] = _sum(key, known, one) if known else _keyed(key, one)
        return sorted(summed.values(), key=lambda move: (-abs(move.moved), move.key))


def _move(key: tuple[str, ...], old: MarginRow | None, new: MarginRow | None, figure: str) -> Move:
    return Move(
        key,
        getattr(old, figure) if old else None,
        getattr(new, figure) if new else None,
        old.unpriced_events if old else 0,
        new.unpriced_events if new else 0,
    )


def _keyed(key: tuple[str, ...], one: Move) -> Move:
    return Move(key, one.before, one.after, one.unpriced_before, one.unpriced_after)


def _sum(key: tuple[str, ...], one: Move, other: Move) -> Move:
    return Move(
        key,
        _known(one.before, other.before),
        _known(one.after, other.after),
        one.unpriced_before + other.unpriced_before,
        one.unpriced_after + other.unpriced_after,
    )


def _known(one: Decimal | None, other: Decimal | None) -> Decimal | None:
    if one is None or other is None:
        return one if other is None else other
    return one + other
