"""A line of a provider's bill as its file says it, and how figures and instants are read."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from billing.importers.cells import CellError
from billing.models import COST_DECIMALS, QUANTITY_DECIMALS
from tknops.calendar import month_start
from tknops.money import EXACT, round_half_up

ZERO = Decimal(0)
# A line of a file that states what the invoice sums to; it is no line of the bill.
TOTAL = "TOTAL"
_LARGEST = Decimal(10) ** 15
_DIGITS = 50
_SHOWN = 40


@dataclass(frozen=True, slots=True)
class BillLine:
    """One line: which invoice it belongs to, and what it says; money in `currency`."""

    provider: str
    month: dt.date
    currency: str
    source: str
    reference: str
    kind: str = "USAGE"
    number: str = ""
    day: dt.date | None = None
    model: str = ""
    token_class: str = ""
    meter: str = ""
    quantity: Decimal | None = None
    unit_price: Decimal | None = None
    list_cost: Decimal | None = None
    billed_cost: Decimal | None = None
    credits: Decimal = ZERO
    tax: Decimal = ZERO
    as_billed: str = ""


def money(value: Any, what: str, *, shift: int = 0) -> Decimal:
    """Read an amount exactly as it is spelled, never by way of a float.

    `shift` moves the point: -2 reads cents. More than 18 decimals, digits of a binary double, are
    rounded half-up. Raises CellError.
    """
    return round_half_up(_number(value, what).scaleb(shift, context=EXACT), COST_DECIMALS)


def counted(value: Any, what: str) -> Decimal | None:
    """Read a quantity; None where there is none. Raises CellError."""
    if value is None or value == "":
        return None
    return round_half_up(_number(value, what), QUANTITY_DECIMALS)


def _number(value: Any, what: str) -> Decimal:
    try:
        number = Decimal(str(value).strip()) if not isinstance(value, bool) else Decimal("NaN")
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or "_" in str(value):
        message = f"{what}: {str(value)[:_SHOWN]!r} is not a number like 1234.56"
        raise CellError(message)
    if abs(number) >= _LARGEST or len(number.as_tuple().digits) > _DIGITS:
        message = f"{what}: {str(value)[:_SHOWN]} is beyond any bill"
        raise CellError(message)
    return number


def utc(value: Any, what: str) -> dt.datetime:
    """Read an instant: seconds since 1970, or RFC 3339 with an offset. Raises CellError."""
    try:
        if isinstance(value, int | Decimal) and not isinstance(value, bool):
            return dt.datetime.fromtimestamp(int(value), dt.UTC)
        moment = dt.datetime.fromisoformat(str(value))
        moment = moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
        return moment.astimezone(dt.UTC)
    except (ValueError, OverflowError, OSError):
        message = f"{what}: {str(value)[:_SHOWN]!r} is not a time like 2026-10-01T00:00:00Z"
        raise CellError(message) from None


def month_and_day(start: dt.datetime, end: dt.datetime) -> tuple[dt.date, dt.date | None]:
    """Return the UTC month of a span and its day; no day where it is longer than one.

    Raises CellError where it lies in two months.
    """
    last = (end - dt.timedelta(microseconds=1)).date() if end > start else start.date()
    if month_start(start.date()) != month_start(last):
        message = f"{start.date()} to {last} lie in two months; ask the provider by day"
        raise CellError(message)
    return month_start(start.date()), start.date() if start.date() == last else None
