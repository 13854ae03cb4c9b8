"""Lay billed lines beside tracked cells by model and token class, and split what is between."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from billing.reconciliation.billed import UsageLine
from billing.reconciliation.parts import (
    ZERO,
    Billed,
    Parts,
    Tracked,
    added,
    at_tracked_price,
    split,
)

# Stands for what the bill names no model of.
UNNAMED = ""
ALL = ""
Quantities = Mapping[tuple[str, str, dt.date | None], Decimal]
Cells = Mapping[tuple[str, str], Tracked]


@dataclass(frozen=True, slots=True)
class Compared:
    """A model and token class ('' where they are not told apart): both sides and the parts."""

    model: str
    token_class: str
    billed: Billed
    tracked: Tracked
    parts: Parts


def compare(
    lines: Sequence[UsageLine], reported: Mapping[tuple[str, str], Decimal], cells: Cells
) -> list[Compared]:
    """Compare a provider's usage lines with its cells by (model, token class).

    The sum of all parts is the cost of the lines − that of the cells, exactly. Classes are told
    apart where every line of the model names one. Tracked models the bill does not name are
    compared with the lines that name no model, if there are any.
    """
    by_model: dict[str, list[UsageLine]] = defaultdict(list)
    for line in lines:
        by_model[line.model].append(line)
    unnamed = by_model.pop(UNNAMED, [])
    rest = {key: cell for key, cell in cells.items() if key[0] not in by_model}
    found = [
        row
        for model, own in sorted(by_model.items())
        for row in _model(model, own, reported, {k: c for k, c in cells.items() if k[0] == model})
    ]
    if unnamed:
        return [*found, *_unnamed(unnamed, reported, rest)]
    return [*found, *(_row(*key, _reported(reported, key), cell) for key, cell in rest.items())]


def _reported(reported: Mapping[tuple[str, str], Decimal], key: tuple[str, str]) -> Billed:
    """What was not billed though used: nothing, of the quantity a usage report tells."""
    return Billed(ZERO, reported.get(key, ZERO))


def _model(
    model: str,
    lines: Sequence[UsageLine],
    reported: Mapping[tuple[str, str], Decimal],
    cells: Cells,
) -> Iterable[Compared]:
    if any(not line.token_class for line in lines):
        told = [n for (named, _), n in reported.items() if named == model]
        billed = _sum(lines, sum(told, ZERO) if told else None)
        yield _row(model, ALL, billed, sum(cells.values(), Tracked()))
        return
    for name in sorted({line.token_class for line in lines} | {key[1] for key in cells}):
        own = [line for line in lines if line.token_class == name]
        key = (model, name)
        billed = _sum(own, reported.get(key)) if own else _reported(reported, key)
        yield _row(model, name, billed, cells.get(key, Tracked()))


def _sum(lines: Sequence[UsageLine], told: Decimal | None) -> Billed:
    """Add lines; the quantity is theirs where each has one, else what the usage report tells."""
    quantities = [line.quantity for line in lines if line.quantity is not None]
    whole = sum(quantities, ZERO) if len(quantities) == len(lines) else told
    return Billed(sum((line.cost for line in lines), ZERO), whole)


def _row(model: str, name: str, billed: Billed, tracked: Tracked) -> Compared:
    return Compared(model, name, billed, tracked, split(billed, tracked))


def _unnamed(
    lines: Sequence[UsageLine], reported: Mapping[tuple[str, str], Decimal], rest: Cells
) -> Iterable[Compared]:
    """Compare lines without a model with all that is left.

    What a usage report counts differently is quantity at the tracked price; the rest of the
    difference has no reason to be found.
    """
    cost = sum((line.cost for line in lines), ZERO)
    left = Tracked()
    for key, cell in rest.items():
        if key not in reported or not cell.priced:
            left += cell
            continue
        more = at_tracked_price(reported[key] - cell.quantity, cell)
        cost -= cell.cost + more
        yield Compared(*key, Billed(cell.cost + more, reported[key]), cell, {"quantity": more})
    yield Compared(UNNAMED, ALL, Billed(cost, None), left, {"unexplained": cost - left.cost})


def total(rows: Iterable[Compared]) -> dict[str, Decimal]:
    """Sum the parts of compared cells."""
    return added(row.parts for row in rows)
