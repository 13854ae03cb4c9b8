"""Figures a person types into a page's address: read, or told what is accepted."""

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from django.contrib import messages
from django.http import HttpRequest

_LONGEST = 18


@dataclass(frozen=True, slots=True)
class Figure:
    """A field of a form of figures, named as its parameter; `value` is as typed."""

    name: str
    label: str
    value: str
    placeholder: str = ""
    options: tuple[tuple[str, str], ...] = ()


def figure(
    request: HttpRequest,
    name: str,
    *,
    label: str,
    low: Decimal,
    below: Decimal,
) -> Decimal | None:
    """Read ?name=, None if it is empty; what is no number from `low` to below `below` is told."""
    text = request.GET.get(name, "").strip()
    if not text:
        return None
    try:
        value = Decimal(text) if len(text) <= _LONGEST else Decimal("NaN")
    except InvalidOperation:
        value = Decimal("NaN")
    if value.is_finite() and low <= value < below:
        return value
    messages.error(
        request, f"{label} {text!r}: accepted is a number from {low:,} to below {below:,}."
    )
    return None
