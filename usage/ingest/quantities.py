"""Quantities and stated cost of one priced line, checked and exact."""

from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple

import msgspec

from usage.ingest.diagnose import diagnose_usage
from usage.ingest.errors import EventError
from usage.ingest.event import Cost, Event, Line, Usage
from usage.models import UsageEvent
from usage.sources import FORMATS
from usage.sources.reading import UsageFormatError
from usage.tokens import MAX_QUANTITY, QUANTITIES, SUSPICIOUS_QUANTITY, TOKENS, UNIT_NAMES

_usage = msgspec.json.Decoder(Usage)
_object = msgspec.json.Decoder(dict[str, Any])
_MILLION = 10**6
_STATED_DECIMALS = 18
_STATED_DIGITS = 20
_CURRENCIES = frozenset(
    [
        "AED",
        "ARS",
        "AUD",
        "BGN",
        "BHD",
        "BRL",
        "CAD",
        "CHF",
        "CLP",
        "CNY",
        "COP",
        "CZK",
        "DKK",
        "EGP",
        "EUR",
        "GBP",
        "HKD",
        "HUF",
        "IDR",
        "ILS",
        "INR",
        "ISK",
        "JPY",
        "KES",
        "KRW",
        "KWD",
        "MAD",
        "MXN",
        "MYR",
        "NGN",
        "NOK",
        "NZD",
        "OMR",
        "PEN",
        "PHP",
        "PKR",
        "PLN",
        "QAR",
        "RON",
        "RUB",
        "SAR",
        "SEK",
        "SGD",
        "THB",
        "TND",
        "TRY",
        "TWD",
        "UAH",
        "USD",
        "UYU",
        "VND",
        "ZAR",
    ]
)


class Quantities(NamedTuple):
    """Integers in the order of usage.tokens.QUANTITIES, the unit and the flags found."""

    values: tuple[int, ...]
    unit: str
    flags: int


def quantities(line: Event | Line) -> Quantities | None:
    """Normalise the usage of a line; None where it has none. Raises EventError."""
    if bytes(line.usage) in {b"", b"null"}:
        return None
    raw = bytes(line.usage)
    if line.usage_format is not None:
        return _of_provider(raw, line.usage_format)
    try:
        usage = _usage.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise diagnose_usage(raw) from None
    values = (*(getattr(usage, name) for name in QUANTITIES[:-1]), _units(usage))
    flags = _flags(values)
    if usage.reasoning_tokens > usage.output_tokens:
        flags |= UsageEvent.Flag.BUCKET_MISMATCH
    if usage.total_tokens is not None and usage.total_tokens != sum(values[: len(TOKENS)]):
        flags |= UsageEvent.Flag.TOTAL_MISMATCH
    return Quantities(values, usage.unit if values[-1] else "", flags)


def _of_provider(raw: bytes, name: str) -> Quantities:
    if name not in FORMATS:
        known = ", ".join(sorted(FORMATS))
        detail = f"`usage_format` is not one of those accepted: {known}."
        raise EventError("unknown_usage_format", "/usage_format", detail)
    try:
        usage = _object.decode(raw)
        found = FORMATS[name].normalise(usage)
        mismatch = FORMATS[name].mismatch(usage)
    except UsageFormatError as error:
        raise EventError("not_integer", "/usage", str(error)) from None
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise EventError("wrong_type", "/usage", "`usage` is an object.") from None
    values = tuple(found.get(quantity, 0) for quantity in QUANTITIES)
    if max(values) > MAX_QUANTITY:
        raise EventError("out_of_range", "/usage")
    return Quantities(values, "", _flags(values) | (UsageEvent.Flag.BUCKET_MISMATCH * mismatch))


def _flags(values: tuple[int, ...]) -> int:
    return UsageEvent.Flag.SUSPICIOUS if max(values[:-1]) > SUSPICIOUS_QUANTITY else 0


def _units(usage: Usage) -> int:
    """Read units in millionths, exactly."""
    if bytes(usage.units) in {b"", b"null"}:
        return 0
    if usage.unit not in UNIT_NAMES:
        detail = f"`unit` is not one of those accepted: {', '.join(UNIT_NAMES)}."
        raise EventError("unknown_unit", "/usage/unit", detail)
    number = _decimal(usage.units, "/usage/units")
    if number < 0:
        raise EventError("negative_tokens", "/usage/units")
    if number > MAX_QUANTITY:
        raise EventError("out_of_range", "/usage/units")
    millionths = number * _MILLION
    if millionths != millionths.to_integral_value():
        raise EventError("too_many_decimals", "/usage/units", "`units` has at most 6 decimals.")
    return int(millionths)


def stated_cost(cost: Cost | None) -> tuple[Decimal, str] | None:
    """Read what the provider states, exactly. Raises EventError."""
    if cost is None:
        return None
    currency = cost.currency.upper()
    if currency not in _CURRENCIES:
        raise EventError("unknown_currency", "/cost/currency")
    amount = _decimal(cost.amount, "/cost/amount")
    exponent = amount.as_tuple().exponent
    if not isinstance(exponent, int) or amount.adjusted() >= _STATED_DIGITS:
        raise EventError("out_of_range", "/cost/amount")
    if -exponent > _STATED_DECIMALS:
        raise EventError("too_many_decimals", "/cost/amount")
    return amount, currency


def _decimal(raw: msgspec.Raw, pointer: str) -> Decimal:
    """Read a JSON number or text as it is written: no float in between."""
    text = bytes(raw).decode().strip('"')
    try:
        number = Decimal(text) if text.isascii() and "_" not in text else Decimal("NaN")
    except InvalidOperation:
        raise EventError("not_decimal", pointer) from None
    if not number.is_finite():
        raise EventError("not_decimal", pointer)
    return number
