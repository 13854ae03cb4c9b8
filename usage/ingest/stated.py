"""Figures written as decimals, read exactly: the cost a provider states, and units."""

from decimal import Decimal, InvalidOperation

import msgspec

from usage.ingest.errors import EventError
from usage.ingest.event import Cost

_STATED_DECIMALS = 18
_STATED_DIGITS = 20
# ISO 4217 codes in use that a provider or gateway bills in.
_CURRENCIES = frozenset(
    (
        "AED", "ARS", "AUD", "BGN", "BHD", "BRL", "CAD", "CHF", "CLP", "CNY", "COP", "CZK", "DKK",
        "EGP", "EUR", "GBP", "HKD", "HUF", "IDR", "ILS", "INR", "ISK", "JPY", "KES", "KRW", "KWD",
        "MAD", "MXN", "MYR", "NGN", "NOK", "NZD", "OMR", "PEN", "PHP", "PKR", "PLN", "QAR", "RON",
        "RUB", "SAR", "SEK", "SGD", "THB", "TND", "TRY", "TWD", "UAH", "USD", "UYU", "VND", "ZAR",
    )
)  # fmt: skip


def stated_cost(cost: Cost | None) -> tuple[Decimal, str] | None:
    """Read what the provider states, exactly. Raises EventError."""
    if cost is None:
        return None
    currency = cost.currency.upper()
    if currency not in _CURRENCIES:
        raise EventError("unknown_currency", "/cost/currency")
    amount = decimal(cost.amount, "/cost/amount")
    exponent = amount.as_tuple().exponent
    if not isinstance(exponent, int) or amount.adjusted() >= _STATED_DIGITS:
        raise EventError("out_of_range", "/cost/amount")
    if -exponent > _STATED_DECIMALS:
        raise EventError("too_many_decimals", "/cost/amount")
    return amount, currency


def decimal(raw: msgspec.Raw, pointer: str) -> Decimal:
    """Read a JSON number or text as it is written: no float in between. Raises EventError."""
    text = bytes(raw).decode().strip('"')
    try:
        number = Decimal(text) if text.isascii() and "_" not in text else Decimal("NaN")
    except InvalidOperation:
        raise EventError("not_decimal", pointer) from None
    if not number.is_finite():
        raise EventError("not_decimal", pointer)
    return number
