"""Figures and instants of other wires, exactly: no float comes near an amount."""

import datetime as dt
import re
from decimal import ROUND_HALF_EVEN, Context, Decimal, InvalidOperation

import msgspec

from usage.ingest import EventError
from usage.ingest.event import Cost

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_BILLION = 10**9
_DECIMALS = Decimal("1e-18")
_WIDE = Context(prec=60)
_MAX_POWER = 20
_LOCAL = re.compile(r"(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}:\d{2}(?:\.\d+)?)(?:\+00)?")


def decimal(text: str) -> Decimal:
    """Read a number as it is written. Raises EventError (not_decimal, out_of_range)."""
    try:
        number = Decimal(text) if text.isascii() and "_" not in text else Decimal("NaN")
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite():
        raise EventError("not_decimal", "/cost/amount")
    if number.adjusted() > _MAX_POWER:
        raise EventError("out_of_range", "/cost/amount")
    return number


def raw_decimal(raw: msgspec.Raw) -> Decimal | None:
    """Read a JSON number or text; None where it is absent, null or empty."""
    text = bytes(raw).decode().strip('"')
    return None if text in {"", "null"} else decimal(text)


def cost(amount: Decimal | None, currency: str = "USD") -> Cost | None:
    """Build a stated cost.

    Such amounts are mostly binary doubles of the sender, so their shortest decimal is rounded
    half-even to the ledger's 18 decimals, far below what a double can tell apart.
    """
    if amount is None:
        return None
    rounded = amount.quantize(_DECIMALS, rounding=ROUND_HALF_EVEN, context=_WIDE)
    plain = format(rounded, "f")
    plain = plain.rstrip("0").rstrip(".") if "." in plain else plain
    return Cost(amount=msgspec.Raw(f'"{plain}"'.encode()), currency=currency)


def from_nanoseconds(moment: int) -> str:
    """Return nanoseconds since 1970 as RFC 3339. Raises EventError (timestamp_missing, …)."""
    if moment <= 0:
        raise EventError("timestamp_missing", "/time")
    seconds, fraction = divmod(moment, _BILLION)
    try:
        whole = _EPOCH + dt.timedelta(seconds=seconds)
    except OverflowError:
        raise EventError("timestamp_format", "/time") from None
    return f"{whole.isoformat()[:19]}.{fraction:09d}Z"


def from_seconds(raw: msgspec.Raw) -> str:
    """Return a JSON number of seconds since 1970, as written, as RFC 3339. Raises EventError."""
    try:
        moment = raw_decimal(raw)
    except EventError:
        raise EventError("timestamp_format", "/time") from None
    if moment is None:
        raise EventError("timestamp_missing", "/time")
    return from_nanoseconds(int(moment.scaleb(9, context=_WIDE)))


def in_utc(text: str) -> str:
    """Complete a UTC time whose export leaves the offset out."""
    match = _LOCAL.fullmatch(text.strip())
    return f"{match[1]}T{match[2]}Z" if match else text
