"""Read cells of a billing file: dates, money to minor units, each error a sentence."""

import datetime as dt
import re
from decimal import Decimal

from tknops.money import EXACT, minor_digits

_CODE = re.compile(r"[A-Z]{3}")
_DATE = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[T ].*)?")
_THOUSANDS_COMMA = re.compile(r"-?\d{1,3}(,\d{3})+(\.\d+)?")
_THOUSANDS_DOT = re.compile(r"-?\d{1,3}(\.\d{3})+,\d+")
# No exponent: a spreadsheet that writes 1.23E+10 has dropped digits.
_NUMBER = re.compile(r"[+-]?(\d{1,20}\.?|\d{0,20}\.\d{1,20})", re.ASCII)
_SHOWN = 40


class CellError(ValueError):
    """A cell that cannot be used: column, value and what is accepted."""


def required(row: dict[str, str], column: str) -> str:
    """Return a cell that must not be empty."""
    value = (row.get(column) or "").strip()
    if not value:
        message = f"column {column!r} is empty"
        raise CellError(message)
    return value


def optional(row: dict[str, str], *columns: str) -> str:
    """Return the first of these cells that is not empty, else ''."""
    return next((v for column in columns if (v := (row.get(column) or "").strip())), "")


def date(row: dict[str, str], *columns: str) -> dt.date | None:
    """Return the first given date, ISO 8601; None where all are empty."""
    text = optional(row, *columns)
    if not text:
        return None
    match = _DATE.fullmatch(text)
    try:
        if match:
            return dt.date.fromisoformat(match[1])
    except ValueError:
        pass
    message = f"column {columns[0]!r}: {text!r} is not a date like 2026-10-31"
    raise CellError(message)


def required_date(row: dict[str, str], *columns: str) -> dt.date:
    """Return a date that must be there."""
    found = date(row, *columns)
    if found is None:
        message = f"column {columns[0]!r} is empty; a date like 2026-10-31 is needed"
        raise CellError(message)
    return found


def currency(row: dict[str, str], column: str) -> str:
    """Return an ISO 4217 code in capitals."""
    text = required(row, column).upper()
    if not _CODE.fullmatch(text):
        message = f"column {column!r}: {text!r} is not a currency code like USD"
        raise CellError(message)
    return text


def number(row: dict[str, str], column: str) -> Decimal:
    """Return a decimal number, 0 where the cell is empty.

    1,234.56 and 1.234,56 and 1234,56 are read; 1,234 alone is ambiguous and refused, 1.2E+5 too.
    """
    text = optional(row, column).replace("\u2212", "-").replace("\u00a0", "").replace(" ", "")
    if not text:
        return Decimal(0)
    if re.fullmatch(r"-?\d{1,3},\d{3}", text):
        message = f"column {column!r}: {text!r} may mean thousands or decimals; write 1234 or 1.234"
        raise CellError(message)
    if _THOUSANDS_COMMA.fullmatch(text):
        text = text.replace(",", "")
    elif _THOUSANDS_DOT.fullmatch(text) or re.fullmatch(r"-?\d+,\d+", text):
        text = text.replace(".", "").replace(",", ".")
    if not _NUMBER.fullmatch(text):
        message = f"column {column!r}: {text[:_SHOWN]!r} is not a number like 1234.56"
        raise CellError(message)
    return Decimal(text)


def whole(row: dict[str, str], column: str) -> int:
    """Return a whole number, 0 where the cell is empty."""
    value = number(row, column)
    if value != value.to_integral_value():
        message = f"column {column!r}: {value} is not a whole number"
        raise CellError(message)
    return int(value)


def minor(value: Decimal, code: str, column: str) -> int:
    """Return an amount in integer minor units; more decimals than the currency has are refused."""
    scaled = value.scaleb(minor_digits(code), context=EXACT)
    if scaled != scaled.to_integral_value():
        message = f"column {column!r}: {value} has more decimals than {code} has"
        raise CellError(message)
    return int(scaled)
