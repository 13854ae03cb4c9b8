"""What a person types into a page's address: read, or told what is accepted."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from django.contrib import messages
from django.http import HttpRequest

from tknops.calendar import parse_bound

_LONGEST = 18
_TOLD = 40
# The first day a page is asked for.
EARLIEST = dt.date(2000, 1, 1)


class NotUnderstoodError(ValueError):
    """A part of an address that means nothing; names it and what is accepted."""

    def __init__(self, name: str, text: str, accepted: str) -> None:
        shown = text if len(text) <= _TOLD else f"{text[:_TOLD]}…"
        super().__init__(f"{name}={shown!r} is not understood; accepted: {accepted}")


def day_of(
    request: HttpRequest, name: str, *, latest: dt.date, earliest: dt.date = EARLIEST
) -> dt.date | None:
    """Read ?name=, a month (its first day) or a day; None if it is empty.

    Raises NotUnderstoodError.
    """
    text = request.GET.get(name, "")
    if not text:
        return None
    accepted = f"a month or day from {earliest:%Y-%m} to {latest:%Y-%m}, such as 2026-10"
    try:
        day = parse_bound(text)
    except ValueError as error:
        raise NotUnderstoodError(name, text, accepted) from error
    if not earliest <= day <= latest:
        raise NotUnderstoodError(name, text, accepted)
    return day


def one_of(request: HttpRequest, name: str, accepted: Sequence[str]) -> str:
    """Read ?name=, one of some texts; '' if it is empty. Raises NotUnderstoodError."""
    text = request.GET.get(name, "")
    if text and text not in accepted:
        raise NotUnderstoodError(name, text, ", ".join(accepted))
    return text


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
