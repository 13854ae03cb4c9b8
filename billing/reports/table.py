"""A table as data: the page, the CSV and the XLSX render the same one."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import xlsxwriter

from billing.margin.rendering import as_text

NUMBERS = frozenset(("money", "percent", "points", "count"))
_FORMULA = frozenset("=+-@\t\r\n\0＝＋－＠")


@dataclass(frozen=True, slots=True)
class Column:
    """A column: the key of its cells, its heading and how they are shown."""

    key: str
    label: str
    kind: str = "text"

    @property
    def is_number(self) -> bool:
        """Whether it is right-aligned."""
        return self.kind in NUMBERS


@dataclass(frozen=True, slots=True)
class Row:
    """Cells by column key, and where the row leads."""

    cells: dict[str, Any]
    link: str = ""

    def value(self, column: Column) -> Any:
        """Return a cell."""
        return self.cells.get(column.key)


@dataclass(frozen=True, slots=True)
class Table:
    """Columns, rows and the totals row."""

    columns: tuple[Column, ...]
    rows: list[Row]
    total: Row | None = None
    caption: str = ""

    def lines(self) -> list[tuple[Row, list[tuple[Column, Any]]]]:
        """Pair each row with its cells for the template."""
        return [(row, [(c, row.value(c)) for c in self.columns]) for row in self.rows]

    def total_cells(self) -> list[tuple[Column, Any]]:
        """Return the totals row's cells."""
        return [(c, self.total.value(c)) for c in self.columns] if self.total else []

    def ordered(self, sort: str) -> "Table":
        """Sort by a column, "-key" descending; unknown values last; other texts leave it."""
        key, down = sort.removeprefix("-"), sort.startswith("-")
        if key not in {column.key for column in self.columns}:
            return self
        known = [row for row in self.rows if row.cells.get(key) not in {None, ""}]
        rest = [row for row in self.rows if row.cells.get(key) in {None, ""}]
        known.sort(key=lambda row: row.cells[key], reverse=down)
        return Table(self.columns, [*known, *rest], self.total, self.caption)

    def matching(self, text: str) -> "Table":
        """Keep the rows one of whose texts contains the search."""
        wanted = text.lower()
        rows = [
            row
            for row in self.rows
            if any(isinstance(v, str) and wanted in v.lower() for v in row.cells.values())
        ]
        return Table(self.columns, rows, self.total, self.caption)


def as_csv(table: Table) -> str:
    """Render with full precision; texts that a spreadsheet would run get an apostrophe."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([column.label for column in table.columns])
    for cells in _all(table):
        writer.writerow(["" if v is None else _text(v) for v in cells])
    return out.getvalue()


def as_xlsx(table: Table, title: str) -> bytes:
    """Render a sheet; money and percentages are numbers with a format."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    sheet = book.add_worksheet(title[:31])
    bold, money = book.add_format({"bold": True}), book.add_format({"num_format": "#,##0.00"})
    for index, column in enumerate(table.columns):
        sheet.write_string(0, index, column.label, bold)
    for line, cells in enumerate(_all(table), start=1):
        for index, value in enumerate(cells):
            if isinstance(value, Decimal | int):
                sheet.write_number(
                    line, index, value, money if isinstance(value, Decimal) else None
                )
            elif value is not None:
                sheet.write_string(line, index, str(value))
    sheet.freeze_panes(1, 0)
    sheet.autofit()
    book.close()
    return out.getvalue()


def _all(table: Table) -> Sequence[list[Any]]:
    rows = [*table.rows, *([table.total] if table.total else [])]
    return [[row.value(column) for column in table.columns] for row in rows]


def _text(value: Any) -> Any:
    if isinstance(value, Decimal):
        return as_text(value)
    if isinstance(value, str) and value[:1] in _FORMULA:
        return "'" + value
    return value
