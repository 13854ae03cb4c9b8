"""Dates of a billing file: ISO 8601, or day and month in the order the file uses."""

import datetime as dt
import re

from billing.importers.cell_errors import AskError, CellError
from billing.importers.style import Cells, called, style_of

_ISO = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ].*)?")
_OTHER = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4})(?:[T ].*)?")
_SERIAL = re.compile(r"\d{5}(\.\d+)?")
_NAMED = ("%d %b %Y", "%d %B %Y", "%b %d, %Y", "%B %d, %Y", "%d-%b-%Y")
_FIRST = dt.date(1899, 12, 30)  # day 0 of spreadsheets, their 29 February 1900 included


def date(row: Cells, *columns: str) -> dt.date | None:
    """Return the first given date; None where all are empty.

    Raises AskError where 03/04/2026 may be either day and nothing in the file proves it.
    """
    column = next((name for name in columns if (row.get(name) or "").strip()), "")
    if not column:
        return None
    text = row[column].strip().removeprefix("'")
    try:
        return _read(text, row, column)
    except ValueError as error:
        if isinstance(error, CellError):
            raise
    message = f"column {called(row, column)!r}: {text[:40]!r} is not a date like 2026-10-31"
    if _SERIAL.fullmatch(text) and (day := _FIRST + dt.timedelta(int(text[:5]))).year < 2100:
        message += f"; it looks like a spreadsheet's number of days for {day}: give the column "
        message += "the format of a date there, then save it again"
    raise CellError(message)


def required_date(row: Cells, *columns: str) -> dt.date:
    """Return a date that must be there."""
    found = date(row, *columns)
    if found is None:
        message = f"column {called(row, columns[0])!r} is empty; a date like 2026-10-31 is needed"
        raise CellError(message)
    return found


def _read(text: str, row: Cells, column: str) -> dt.date:
    if match := _ISO.fullmatch(text):
        return dt.date(int(match[1]), int(match[2]), int(match[3]))
    if match := _OTHER.fullmatch(text):
        return _ordered(match, row, column)
    for shape in _NAMED:
        try:
            return dt.datetime.strptime(text, shape).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
    raise ValueError


def _ordered(match: re.Match[str], row: Cells, column: str) -> dt.date:
    order = style_of(row).dates
    first, second, year = int(match[1]), int(match[3]), int(match[4])
    if order == "YMD" and match[2] != ".":
        raise ValueError
    if not order and match[2] != ".":
        message = (
            f"column {called(row, column)!r}: {match[0][:40]!r} may have the day or the month "
        )
        message += "first; say which the file uses"
        raise AskError("dates", message)
    day, month = (second, first) if order == "MDY" else (first, second)
    return dt.date(year, month, day)
