"""How figures are shown: one filter per kind; unknown is a dash, never 0."""

from decimal import Decimal

from django import template

from tknops.money import minor_digits, round_half_up

register = template.Library()
_SYMBOLS = {"USD": "$", "EUR": "€", "GBP": "£"}
_MINUS = "\u2212"
UNKNOWN = "—"


@register.filter
def money(amount: Decimal | None, currency: str = "USD") -> str:
    """Show an amount with symbol, thousands separators and a true minus sign."""
    if amount is None:
        return UNKNOWN
    rounded = round_half_up(amount, 2)
    sign = _MINUS if rounded < 0 else ""
    symbol = _SYMBOLS.get(currency, f"{currency} ")
    return f"{sign}{symbol}{abs(rounded):,}"


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
    return UNKNOWN if value is None else f"{_signed(round_half_up(value, 1))} %"


@register.filter
def points(value: Decimal | None) -> str:
    """Show a change of a percentage in points."""
    if value is None:
        return UNKNOWN
    return f"{'+' if value > 0 else ''}{_signed(round_half_up(value, 1))} pts"


@register.filter
def count(value: int | None) -> str:
    """Show a count with thousands separators."""
    return UNKNOWN if value is None else f"{value:,}"


def _signed(value: Decimal) -> str:
    return f"{_MINUS if value < 0 else ''}{abs(value):,}"


SHOWN = {"money": money, "percent": percent, "points": points, "count": count}


@register.filter
def shown(value: object, kind: str) -> str:
    """Show a cell of a table by the kind of its column."""
    if kind in SHOWN:
        return str(SHOWN[kind](value))  # type: ignore[operator]
    return UNKNOWN if value in {None, ""} else str(value)
