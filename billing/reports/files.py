"""A table as a file: CSV in full precision, XLSX with number formats and a sheet about it."""

import csv
import io
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

import xlsxwriter

from billing.margin.rendering import as_text
from billing.reports.table import Cell, Table
from tknops.spreadsheets import defused

_EXACT_DIGITS = 15
_FORMATS = {
    "tokens": "#,##0",
    "price": "#,##0.0000;-#,##0.0000",
    "percent": '#,##0.0" %";-#,##0.0" %"',
    "points": '+#,##0.0" pts";-#,##0.0" pts"',
    "count": "#,##0",
}


def as_csv(table: Table, about: Mapping[str, str] | None = None) -> str:
    """Render with full precision; texts that a spreadsheet would run get an apostrophe.

    What the table is about stands above it, an empty line between.
    """
    out = io.StringIO()
    writer = csv.writer(out)
    if about:
        writer.writerows([label, _text(text)] for label, text in about.items())
        writer.writerow([])
    writer.writerow([_text(column.label) for column in table.columns])
    for cells in _all(table):
        writer.writerow(["" if cell.value is None else _text(cell.value) for cell in cells])
    return out.getvalue()


def as_xlsx(table: Table, title: str, about: Mapping[str, str]) -> bytes:
    """Render a sheet of the rows, numbers as numbers, and one that says what they are."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    sheet = book.add_worksheet(title.replace("/", " ").replace(":", "")[:31] or "Table")
    bold = book.add_format({"bold": True})
    codes = _FORMATS | dict(_money(table.digits))
    formats = {kind: book.add_format({"num_format": code}) for kind, code in codes.items()}
    for index, column in enumerate(table.columns):
        sheet.write_string(0, index, column.label, bold)
    for line, cells in enumerate(_all(table), start=1):
        for index, cell in enumerate(cells):
            if isinstance(cell.value, Decimal | int) and _fits(cell.value):
                sheet.write_number(line, index, cell.value, formats.get(cell.kind))
            elif cell.value is not None:
                sheet.write_string(line, index, str(_text(cell.value)))
    sheet.freeze_panes(1, 1)
    sheet.autofit()
    told = book.add_worksheet("About")
    for line, (label, text) in enumerate(about.items()):
        told.write_string(line, 0, label, bold)
        told.write_string(line, 1, text)
    told.autofit()
    book.close()
    return out.getvalue()


def _money(digits: int) -> Iterator[tuple[str, str]]:
    """Format money with the decimals its currency has."""
    number = f"#,##0.{'0' * digits}" if digits else "#,##0"
    yield "money", f"{number};-{number}"
    for kind in ("signed_money", "cost_change"):
        yield kind, f"+{number};-{number}"


def _fits(value: Decimal | int) -> bool:
    """Tell whether a spreadsheet's number, 15 digits, holds it to the last one."""
    digits = "".join(map(str, Decimal(value).as_tuple().digits))
    return len(digits.strip("0")) <= _EXACT_DIGITS


def _all(table: Table) -> list[list[Cell]]:
    return [*table.lines(), *([table.total_cells()] if table.total else [])]


def _text(value: Any) -> Any:
    if isinstance(value, Decimal):
        return as_text(value)
    return defused(value) if isinstance(value, str) else value
