"""A table as data: the page, the CSV and the XLSX render the same one."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from decimal import Decimal, localcontext
from typing import Any

from tknops.money import EXACT, divide, round_half_up

MONEY = frozenset(("money", "signed_money", "cost_change"))
NUMBERS = MONEY | {"price", "minor", "percent", "points", "count", "tokens", "unrounded"}
_UNKNOWN = (None, "")


@dataclass(frozen=True, slots=True)
class Column:
    """A column: the key of its cells, its heading, how they are shown, and its formula.

    `adds`: the rows sum to the total, so what rounding leaves over is shown.
    """

    key: str
    label: str
    kind: str = "text"
    help: str = ""
    adds: bool = False

    @property
    def is_number(self) -> bool:
        """Whether it is right-aligned."""
        return self.kind in NUMBERS

    @property
    def reversed(self) -> str:
        """Return the sort that shows its largest first."""
        return f"-{self.key}"

    @property
    def first_sort(self) -> str:
        """Return what a first click sorts by: figures largest first, texts from A."""
        return self.reversed if self.is_number else self.key

    @property
    def other_sort(self) -> str:
        """Return what a second click sorts by."""
        return self.key if self.is_number else self.reversed


@dataclass(frozen=True, slots=True)
class Line:
    """One of the lines of a cell of kind `lines`, or `wrap` where they may break."""

    text: str
    link: str = ""
    title: str = ""
    warns: bool = False
    small: bool = False


@dataclass(frozen=True, slots=True)
class Cell:
    """A value where it stands: how it is shown and where it leads."""

    column: Column
    value: Any
    kind: str
    link: str = ""
    action: str = ""
    currency: str = ""

    @property
    def is_number(self) -> bool:
        """Whether it is right-aligned."""
        return self.kind in NUMBERS

    @property
    def has_lines(self) -> bool:
        """Whether its value is lines, one below the other."""
        return self.kind in {"lines", "wrap"} and not isinstance(self.value, str | None)

    @property
    def is_negative(self) -> bool:
        """Whether it is marked as below zero; less cost is no warning."""
        if self.kind == "cost_change" or not isinstance(self.value, Decimal):
            return False
        return round_half_up(self.value, 2 if self.kind in MONEY else 1) < 0


@dataclass(frozen=True, slots=True)
class Row:
    """Cells by column key and where they lead; `kind` says how a row unlike its columns is shown.

    `links` maps a column to a path, `actions` to what an empty cell of it offers to do there.
    A row that `stays_last` is no customer, plan or feature and is never ranked as one.
    """

    cells: dict[str, Any]
    link: str = ""
    links: dict[str, str] = field(default_factory=dict)
    actions: dict[str, str] = field(default_factory=dict)
    kind: str = ""
    stays_last: bool = False

    def value(self, column: Column) -> Any:
        """Return a cell's value."""
        return self.cells.get(column.key)


@dataclass(frozen=True, slots=True)
class Table:
    """Columns, rows and the totals row; `name` tells tables of a page apart.

    `currency` is that of its money where it is not the reporting currency. `subtotal` stands above
    the total, `nothing` says why there is no row; `summed` is how many rows the last is the sum of.
    """

    columns: tuple[Column, ...]
    rows: list[Row]
    total: Row | None = None
    caption: str = ""
    name: str = "table"
    sort: str = ""
    note: str = ""
    digits: int = 2
    currency: str = ""
    subtotal: Row | None = None
    nothing: str = ""
    summed: int = 0

    def lines(self) -> list[list[Cell]]:
        """Lay every row out in cells."""
        return [self._cells(row) for row in self.rows]

    def total_cells(self) -> list[Cell]:
        """Lay the totals row out."""
        return self._cells(self.total) if self.total else []

    def subtotal_cells(self) -> list[Cell]:
        """Lay the row above the total out."""
        return self._cells(self.subtotal) if self.subtotal else []

    def rounding_cells(self) -> list[Cell]:
        """Lay out what the shown rows lack to the shown total; empty where they add up."""
        if self.total is None:
            return []
        left = {column.key: self._left(column, self.total) for column in self.columns}
        if not any(left.values()):
            return []
        cells = {key: value or None for key, value in left.items()}
        return self._cells(Row(cells | {self.columns[0].key: "Rounding"}))

    def _left(self, column: Column, total: Row) -> Decimal | None:
        whole = total.value(column)
        if not (column.adds and column.kind in MONEY and isinstance(whole, Decimal)):
            return None
        parts = [value for row in self.rows if isinstance(value := row.value(column), Decimal)]
        with localcontext(EXACT):
            if sum(parts, Decimal(0)) != whole:
                return None  # the total leaves rows out: no matter of rounding
            shown = sum((round_half_up(part, self.digits) for part in parts), Decimal(0))
            return round_half_up(whole, self.digits) - shown

    def _cells(self, row: Row) -> list[Cell]:
        return [
            Cell(
                column,
                row.value(column),
                row.kind if row.kind and column.is_number else column.kind,
                row.links.get(column.key) or (row.link if index == 0 else ""),
                row.actions.get(column.key, ""),
                self.currency,
            )
            for index, column in enumerate(self.columns)
        ]

    def ordered(self, sort: str) -> "Table":
        """Sort by a column, "-key" descending; unknown values last; other texts leave it."""
        key, down = sort.removeprefix("-"), sort.startswith("-")
        if key not in {column.key for column in self.columns}:
            return self
        ranked = [row for row in self.rows if not row.stays_last]
        known = [row for row in ranked if row.cells.get(key) not in _UNKNOWN]
        unknown = [row for row in ranked if row.cells.get(key) in _UNKNOWN]
        known.sort(key=lambda row: _ranks(row.cells[key]), reverse=down)
        rest = [row for row in self.rows if row.stays_last]
        return replace(self, rows=[*known, *unknown, *rest], sort=sort)

    def matching(self, text: str) -> "Table":
        """Keep the rows one of whose shown texts contains the search."""
        wanted = text.lower()
        return self.only(
            row
            for row in self.rows
            if any(
                isinstance(text := row.value(column), str) and wanted in text.lower()
                for column in self.columns
            )
        )

    def only(self, rows: Iterable[Row]) -> "Table":
        """Keep some rows and total those; what is no sum is left out of the total."""
        kept = list(rows)
        if self.total is None or len(kept) == len(self.rows):
            return replace(self, rows=kept)
        label = f"Total of {len(kept):,} of {len(self.rows):,} shown"
        cells: dict[str, Any] = {self.columns[0].key: label}
        for column in self.columns[1:]:
            if column.adds:
                values = [v for row in kept if (v := row.value(column)) is not None]
                cells[column.key] = sum(values) if values else None
        if isinstance(cells.get("margin"), Decimal) and cells.get("revenue"):
            cells["margin_pct"] = divide(cells["margin"] * 100, cells["revenue"], 4)
        return replace(self, rows=kept, total=Row(cells))

    def first(self, most: int) -> "Table":
        """Show the first rows and the sum of all others as one more, so that nothing is missing."""
        others = self.rows[most:]
        if len(others) < 2:
            return self
        cells: dict[str, Any] = {self.columns[0].key: f"{len(others):,} others"}
        with localcontext(EXACT):
            for column in self.columns[1:]:
                if column.adds:
                    values = [v for row in others if (v := row.value(column)) is not None]
                    cells[column.key] = sum(values) if values else None
        rows = [*self.rows[:most], Row(cells, stays_last=True)]
        return replace(self, rows=rows, summed=len(others))

    def window(self, start: int, count: int) -> "Table":
        """Show some of the rows under the total of all."""
        return replace(self, rows=self.rows[start : start + count])


def _ranks(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value
