"""How figures are shown: one filter per kind; unknown is a dash, never 0."""

from decimal import Decimal

from django import template
from django.conf import settings

from billing.margin.rendering import as_text
from billing.reports.table import MONEY, Cell
from tknops.money import minor_digits, round_half_up

register = template.Library()
_SYMBOLS = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥"}
_MINUS = "\u2212"
_BRIEF = ((Decimal(10) ** 9, "bn"), (Decimal(10) ** 6, "m"), (Decimal(10) ** 3, "k"))
_BRIEF_FROM = 10_000
_PRICE_DIGITS = 4
UNKNOWN = "—"


def symbol(currency: str = "") -> str:
    """Return the sign a currency is written with, its code and a space if it has none."""
    code = currency or settings.REPORTING_CURRENCY
    return _SYMBOLS.get(code, f"{code}\u00a0")


@register.filter
def money(amount: Decimal | None, currency: str = "") -> str:
    """Show an amount in its minor unit, with symbol, thousands separators and a true minus."""
    return _money(amount, currency, minor_digits(currency or settings.REPORTING_CURRENCY))


@register.filter
def price(amount: Decimal | None, currency: str = "") -> str:
    """Show an amount per unit, finer than the minor unit."""
    return _money(amount, currency, _PRICE_DIGITS)


def _money(amount: Decimal | None, currency: str, digits: int) -> str:
    if amount is None:
        return UNKNOWN
    rounded = round_half_up(amount, digits)
    return f"{_MINUS if rounded < 0 else ''}{symbol(currency)}{abs(rounded):,}"


@register.filter
def exact_money(amount: Decimal | None, currency: str = "") -> str:
    """Show an amount with every digit it has, at least those of its minor unit."""
    if amount is None:
        return UNKNOWN
    digits = -int(amount.normalize().as_tuple().exponent)
    least = minor_digits(currency or settings.REPORTING_CURRENCY)
    return _money(amount, currency, max(digits, least))


@register.filter
def exact_change(amount: Decimal | None, currency: str = "") -> str:
    """Show a change with every digit and its sign."""
    shown = exact_money(amount, currency)
    return f"+{shown}" if amount is not None and amount > 0 else shown


@register.filter
def brief(amount: Decimal | None, currency: str = "") -> str:
    """Show an amount for a sentence: $9,410, $61.2k, $1.4m."""
    if amount is None:
        return UNKNOWN
    if abs(amount) < _BRIEF_FROM:
        return _money(amount, currency, 0)
    size, letter = next(one for one in _BRIEF if abs(amount) >= one[0])
    return f"{_money(amount / size, currency, 1)}{letter}"


def whole(value: Decimal | int | None) -> str:
    """Show a quantity without the decimals it does not need."""
    if value is None:
        return UNKNOWN
    return _signed(Decimal(value).quantize(Decimal(1)) if value == int(value) else Decimal(value))


def plain(amount: Decimal | None) -> str:
    """Show an amount of whatever currency with the decimals it has, two at least."""
    if amount is None:
        return UNKNOWN
    digits = max(2, -int(amount.normalize().as_tuple().exponent))
    return _signed(round_half_up(amount, digits))


@register.filter
def signed_money(amount: Decimal | None, currency: str = "") -> str:
    """Show a change of an amount, with its sign."""
    shown = money(amount, currency)
    return f"+{shown}" if amount is not None and amount > 0 else shown


@register.filter
def minor(amount: int | None, currency: str) -> str:
    """Show an amount of integer minor units, with the decimals its currency has."""
    if amount is None:
        return UNKNOWN
    value = Decimal(amount).scaleb(-minor_digits(currency))
    symbol = _SYMBOLS.get(currency, f"{currency} ")
    return f"{_MINUS if value < 0 else ''}{symbol}{abs(value):,}"


@register.filter
def percent(value: Decimal | None) -> str:
    """Show a percentage with one decimal."""
    return UNKNOWN if value is None else f"{_signed(round_half_up(value, 1))}\u00a0%"


@register.filter
def points(value: Decimal | None) -> str:
    """Show a change of a percentage in points."""
    if value is None:
        return UNKNOWN
    rounded = round_half_up(value, 1)
    return f"{'+' if rounded > 0 else ''}{_signed(rounded)}\u00a0pts"


@register.filter
def count(value: int | None) -> str:
    """Show a count with thousands separators."""
    return UNKNOWN if value is None else f"{value:,}".replace("-", _MINUS)


@register.filter
def tokens(value: int | None) -> str:
    """Show a count of tokens in millions; files hold it in full."""
    if value is None:
        return UNKNOWN
    return f"{round_half_up(Decimal(value).scaleb(-6), 1):,}\u00a0m" if value else "0"


def unrounded(value: Decimal | None) -> str:
    """Show an amount with every digit it has and no sign of its currency."""
    return UNKNOWN if value is None else as_text(value) or UNKNOWN


def _signed(value: Decimal) -> str:
    return f"{_MINUS if value < 0 else ''}{abs(value):,}"


SHOWN = {
    "money": money,
    "signed_money": signed_money,
    "cost_change": signed_money,
    "tokens": tokens,
    "price": price,
    "minor": plain,
    "whole": whole,
    "percent": percent,
    "points": points,
    "count": count,
    "unrounded": unrounded,
}


@register.filter
def shown(value: object, kind: str) -> str:
    """Show a cell of a table by the kind of its column."""
    if kind in SHOWN and not isinstance(value, str):
        return str(SHOWN[kind](value))  # type: ignore[operator]
    return UNKNOWN if value in {None, ""} else str(value)


@register.filter
def written(value: object, cell: Cell) -> str:
    """Show the value of a table's cell, money in the currency of its table."""
    if cell.currency and cell.kind in MONEY and not isinstance(value, str):
        return str(SHOWN[cell.kind](value, cell.currency))  # type: ignore[operator]
    return shown(value, cell.kind)
