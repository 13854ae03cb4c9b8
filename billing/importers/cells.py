"""Read cells of a billing file: texts, dates and money to minor units, each error a sentence."""

import re
from decimal import Decimal

from billing.importers.cell_errors import AskError, CellError
from billing.importers.days import date, required_date
from billing.importers.style import EACH, Cells, called, proved_decimal, style_of
from billing.importers.symbols import ANY, without_symbol
from tknops.money import EXACT, minor_digits

__all__ = [
    "AskError", "CellError", "currency", "date", "minor", "number", "one_of", "optional",
    "required", "required_date", "whole",
]  # fmt: skip
_CODE = re.compile(r"[A-Z]{3}")
# No exponent: a spreadsheet that writes 1.23E+10 has dropped digits.
_NUMBER = re.compile(r"[+-]?(\d{1,20}\.?|\d{0,20}\.\d{1,20})", re.ASCII)
_GROUPED = {
    ".": re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d{1,20})?", re.ASCII),
    ",": re.compile(r"[+-]?(\d{1,3}(\.\d{3})+|\d{1,20}|)(,\d{1,20})?", re.ASCII),
}
_EITHER = re.compile(r"[+-]?[1-9]\d{0,2}\.\d{3}", re.ASCII)
_THOUSAND = 3  # digits between two marks of thousands
_BELOW = re.compile(r"\((?P<a>[^()]+)\)|(?P<b>[^-]+)-")
_SPACES = str.maketrans(
    {"\u2212": "-", "\u00a0": None, "\u202f": None, " ": None, "’": None, "'": None}
)
_SHOWN = 40


def required(row: Cells, column: str) -> str:
    """Return a cell that must not be empty."""
    value = (row.get(column) or "").strip()
    if not value:
        message = f"column {called(row, column)!r} is empty"
        raise CellError(message)
    return value


def optional(row: Cells, *columns: str) -> str:
    """Return the first of these cells that is not empty, else ''."""
    return next((v for column in columns if (v := (row.get(column) or "").strip())), "")


def currency(row: Cells, column: str) -> str:
    """Return an ISO 4217 code in capitals."""
    text = required(row, column).upper()
    if not _CODE.fullmatch(text):
        message = f"column {called(row, column)!r}: {text!r} is not a currency code like USD"
        raise CellError(message)
    return text


def one_of(row: Cells, column: str, accepted: dict[str, str], default: str = "") -> str:
    """Return what a word stands for. Raises CellError naming the accepted words."""
    text = optional(row, column).lower()
    plain = text.replace("-", "_").replace(" ", "_")
    if not plain and default:
        return default
    if plain not in accepted:
        known = ", ".join(accepted)
        message = f"column {called(row, column)!r}: {text[:_SHOWN]!r} is not one of {known}"
        raise CellError(message)
    return accepted[plain]


def number(row: Cells, column: str, code: str = "") -> Decimal:
    """Return a decimal number, 0 where the cell is empty, as the file writes its figures.

    A sign of a currency must agree with `code`. 1,234 where nothing proves what the comma is, and
    (1.00) where nobody confirmed accounting style, raise AskError; 1.2E+5 raises CellError.
    """
    text = optional(row, column)
    style = style_of(row)
    if style.decimal != "," and _NUMBER.fullmatch(text) and not _is_open(text, style.decimal, code):
        return Decimal(text)
    if not text:
        return Decimal(0)
    plain = without_symbol(text.removeprefix("'").translate(_SPACES), code, called(row, column))
    plain = _in_points(_signed(plain, row, column), row, column, code)
    if not _NUMBER.fullmatch(plain):
        like = "1234,56" if style.decimal == "," else "1234.56"
        message = f"column {called(row, column)!r}: {text[:_SHOWN]!r} is not a number like {like}"
        raise CellError(message)
    return Decimal(plain)


def _signed(text: str, row: Cells, column: str) -> str:
    """Put the sign in front, where accountants write (1.00) or 1.00-."""
    if (match := _BELOW.fullmatch(text)) is None:
        return text
    if not style_of(row).accounting:
        message = f"column {called(row, column)!r}: is {text[:_SHOWN]!r} below 0, as accountants "
        message += "write it?"
        raise AskError("accounting", message)
    return f"-{match['a'] or match['b']}"


def _in_points(text: str, row: Cells, column: str, code: str) -> str:
    """Take out what groups thousands, and let decimals follow a point."""
    decimal = style_of(row).decimal
    if decimal == EACH:
        decimal = proved_decimal(text)
    if _is_open(text, decimal, code) or (not decimal and "," in text and _grouped(text)):
        mark = "comma" if "," in text else "point"
        message = f"column {called(row, column)!r}: the {mark} of {text[:_SHOWN]!r} may mean "
        message += "thousands or decimals; say which the file uses"
        raise AskError("decimal", message)
    if decimal == ",":  # what is not written so is no number here, though it may be elsewhere
        return text.replace(".", "").replace(",", ".") if _GROUPED[","].fullmatch(text) else ""
    return text.replace(",", "") if decimal and _GROUPED["."].fullmatch(text) else text


def _is_open(text: str, decimal: str, code: str) -> bool:
    """Tell whether 1.234 may be a thousand: not where the currency has three decimals."""
    if decimal or code == ANY or minor_digits(code) >= _THOUSAND:
        return False
    return bool(_EITHER.fullmatch(text))


def _grouped(text: str) -> bool:
    return any(shape.fullmatch(text) for shape in _GROUPED.values())


def whole(row: Cells, column: str) -> int:
    """Return a whole number, 0 where the cell is empty."""
    value = number(row, column)
    if value != value.to_integral_value():
        message = f"column {called(row, column)!r}: {value} is not a whole number"
        raise CellError(message)
    return int(value)


def minor(value: Decimal, code: str, column: str) -> int:
    """Return an amount in integer minor units; more decimals than the currency has are refused."""
    scaled = value.scaleb(minor_digits(code), context=EXACT)
    if scaled != scaled.to_integral_value():
        message = f"column {column!r}: {value} has more decimals than {code} has"
        raise CellError(message, code="minor_units")
    return int(scaled)
