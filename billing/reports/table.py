"""A report as data: columns, rows of cells, tail rows that are never ranked, a total."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from tknops.money import minor_digits, round_half_up

MONEY, PERCENT, POINTS, INTEGER, TEXT = "money", "percent", "points", "integer", "text"
HEALTH, DATE, PRICE = "health", "date", "price"
NUMERIC = frozenset((MONEY, PERCENT, POINTS, INTEGER, PRICE))


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name in addresses, heading, kind and formula."""

    name: str
    label: str
    kind: str = TEXT
    formula: str = ""


@dataclass(frozen=True, slots=True)
class Cell:
    """A figure or text; `drill` names the page and argument that explains it."""

    value: Any
    kind: str = TEXT
    drill: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """A row of cells; `tail` rows stay at the end and are never ranked."""

    cells: tuple[Cell, ...]
    tail: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """What a page shows and an export holds."""

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...] = ()
    total: Row | None = None
    currency: str = "USD"
    note: str = ""
    searchable: bool = field(default=False)

    def index(self, name: str) -> int | None:
        """Return the position of a column, None if there is none of that name."""
        return next((i for i, column in enumerate(self.columns) if column.name == name), None)


def row_of(
    columns: tuple[Column, ...], values: Iterable[Any], *, drill: dict[str, tuple[str, ...]],
    tail: bool = False,
) -> Row:
    """Build a row from values in the order of the columns."""
    cells = (
        Cell(value, column.kind, drill.get(column.name, ()))
        for column, value in zip(columns, values, strict=True)
    )
    return Row(tuple(cells), tail)


def ordered(table: Table, sort: str) -> Table:
    """Sort by a column ('-' in front: descending); unknown values last, tail rows after all."""
    position = table.index(sort.removeprefix("-"))
    if position is None:
        return table
    ranked = [row for row in table.rows if not row.tail]
    known = [row for row in ranked if row.cells[position].value is not None]
    unknown = [row for row in ranked if row.cells[position].value is None]
    known.sort(key=_sort_key(position), reverse=sort.startswith("-"))
    tails = [row for row in table.rows if row.tail]
    return replace(table, rows=(*known, *unknown, *tails))


def _sort_key(position: int) -> Callable[[Row], Any]:
    def key(row: Row) -> Any:
        value = row.cells[position].value
        return value.casefold() if isinstance(value, str) else value

    return key


def searched(table: Table, text: str) -> Table:
    """Keep rows with the text in a text cell, and total what is left."""
    if not text:
        return table
    wanted = text.casefold()
    kept = tuple(
        row
        for row in table.rows
        if any(wanted in str(cell.value).casefold() for cell in row.cells if cell.kind == TEXT)
    )
    return retotalled(replace(table, rows=kept))


def retotalled(table: Table) -> Table:
    """Sum money and integers of the rows shown; ratios of a part are left open."""
    if table.total is None:
        return table
    cells = tuple(
        _sum(table, index, cell) if cell.kind in {MONEY, INTEGER} else _open(cell)
        for index, cell in enumerate(table.total.cells)
    )
    return replace(table, total=replace(table.total, cells=cells))


def _sum(table: Table, index: int, cell: Cell) -> Cell:
    if cell.value is None:
        return cell
    known = [v for row in table.rows if (v := row.cells[index].value) is not None]
    return replace(cell, value=sum(known, Decimal(0) if cell.kind == MONEY else 0))


def _open(cell: Cell) -> Cell:
    return replace(cell, value=None) if cell.kind in NUMERIC else cell


def rounding(table: Table) -> Row | None:
    """Return the row that makes shown cents add up to the shown total, if they do not."""
    if table.total is None:
        return None
    digits = minor_digits(table.currency)
    cells = [Cell("Rounding")]
    for index, cell in enumerate(table.total.cells[1:], 1):
        missing = None
        shown = [row.cells[index] for row in table.rows]
        if cell.kind == MONEY and cell.value is not None and shown:
            values = [part.value for part in shown if part.value is not None]
            exact = sum(values, Decimal(0))
            parts = sum((round_half_up(value, digits) for value in values), Decimal(0))
            if exact == cell.value and parts != round_half_up(cell.value, digits):
                missing = round_half_up(cell.value, digits) - parts
        cells.append(Cell(missing, cell.kind))
    return Row(tuple(cells)) if any(c.value is not None for c in cells[1:]) else None
