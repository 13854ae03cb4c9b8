"""Our totals of a month beside those of other books: the biller's, the general ledger's."""

import csv
import datetime as dt
import io
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple

from django.conf import settings
from django.db.models import Sum

from billing.closing.errors import ClosingError
from billing.margin import margin
from billing.models import Invoice, InvoiceLine, TieOut
from tknops.calendar import Period
from tknops.money import minor_digits, round_half_up

_COUNTING = (Invoice.Status.OPEN, Invoice.Status.PAID)
_LARGEST = Decimal(10) ** 15
COLUMNS = ("figure", "currency", "amount", "note")


@dataclass(frozen=True, slots=True)
class TieLine:
    """One figure: ours, theirs (None: not entered), and what explains a difference."""

    figure: TieOut.Figure
    currency: str
    ours: Decimal | None
    theirs: Decimal | None
    note: str = ""
    entered: TieOut | None = None

    @property
    def label(self) -> str:
        """Name the figure."""
        return f"{self.figure.label} ({self.currency})"

    @property
    def difference(self) -> Decimal | None:
        """Ours − theirs; None where either is unknown."""
        if self.ours is None or self.theirs is None:
            return None
        return self.ours - self.theirs


class Figure(NamedTuple):
    """A figure of another book, as typed or read."""

    figure: str
    currency: str
    amount: Decimal
    note: str


def tie_lines(month: Period) -> list[TieLine]:
    """Compare invoices per currency, and revenue and AI cost in the reporting currency.

    Ours of the two last are the margin's, rounded half-up to minor units as a journal has them.
    """
    currency = settings.REPORTING_CURRENCY
    total = margin(by=[], period=month).total
    ours: dict[tuple[TieOut.Figure, str], Decimal | None] = {
        (TieOut.Figure.INVOICED, code): amount for code, amount in _invoiced(month).items()
    }
    ours[TieOut.Figure.REVENUE, currency] = _rounded(total.revenue)
    ours[TieOut.Figure.COST, currency] = _rounded(total.cost)
    entered = {}
    for row in TieOut.objects.filter(month=month.start).order_by("pk"):
        entered[TieOut.Figure(row.figure), row.currency] = row
    keys = sorted(ours.keys() | entered.keys(), key=lambda key: (_ORDER.index(key[0]), key[1]))
    return [_line(*key, ours.get(key, Decimal(0)), entered.get(key)) for key in keys]


def enter(*, month: dt.date, figures: Iterable[Figure], user: Any = None) -> list[TieOut]:
    """Note what other books say; the newest of a figure counts."""
    return TieOut.objects.bulk_create(
        TieOut(
            month=month,
            figure=one.figure,
            currency=one.currency,
            amount_minor=int(one.amount.scaleb(minor_digits(one.currency))),
            note=one.note[:500],
            entered_by=user,
        )
        for one in figures
    )


def figures_of(text: str) -> list[Figure]:
    """Read a CSV of figure, currency, amount, note. Raises ClosingError naming line and reason."""
    rows = list(csv.reader(io.StringIO(text)))
    if not rows or tuple(cell.strip().lower() for cell in rows[0]) != COLUMNS:
        message = f"line 1: the columns must be {', '.join(COLUMNS)}"
        raise ClosingError(message)
    found = []
    for number, row in enumerate(rows[1:], start=2):
        if not any(cell.strip() for cell in row):
            continue
        if len(row) != len(COLUMNS):
            message = f"line {number}: {len(row)} columns; {len(COLUMNS)} are expected"
            raise ClosingError(message)
        try:
            found.append(figure(*row))
        except ClosingError as error:
            message = f"line {number}: {error}"
            raise ClosingError(message) from error
    return found


def figure(name: str, currency: str, amount: str, note: str = "") -> Figure:
    """Read one figure. Raises ClosingError."""
    name, currency = name.strip().upper(), currency.strip().upper()
    if name not in TieOut.Figure.values:
        message = f"{name!r} is no figure; accepted: {', '.join(TieOut.Figure.values)}"
        raise ClosingError(message)
    if len(currency) != len("USD") or not (currency.isascii() and currency.isalpha()):
        message = f"{currency!r} is no currency code such as USD"
        raise ClosingError(message)
    digits = minor_digits(currency)
    value = _number(amount)
    if value is None or abs(value) >= _LARGEST or value != round_half_up(value, digits):
        message = f"{amount!r} is no amount of {currency} with at most {digits} decimals"
        raise ClosingError(message)
    return Figure(name, currency, value, note.strip())


def _number(text: str) -> Decimal | None:
    try:
        value = Decimal(text.strip().replace(",", ""))
    except InvalidOperation:
        return None
    return value if value.is_finite() else None


_ORDER = list(TieOut.Figure)


def _invoiced(month: Period) -> dict[str, Decimal]:
    """Sum the lines of invoices dated in the month, net of tax, per currency."""
    rows = (
        InvoiceLine.objects.filter(
            invoice__invoice_date__gte=month.start,
            invoice__invoice_date__lt=month.end,
            invoice__status__in=_COUNTING,
        )
        .values_list("invoice__currency")
        .annotate(minor=Sum("amount_minor"))
    )
    found = {settings.REPORTING_CURRENCY: Decimal(0)}
    return found | {code: Decimal(minor).scaleb(-minor_digits(code)) for code, minor in rows}


def _line(
    figure: TieOut.Figure, currency: str, ours: Decimal | None, row: TieOut | None
) -> TieLine:
    theirs = None if row is None else Decimal(row.amount_minor).scaleb(-minor_digits(currency))
    return TieLine(figure, currency, ours, theirs, row.note if row else "", row)


def _rounded(amount: Decimal | None) -> Decimal | None:
    return (
        None if amount is None else round_half_up(amount, minor_digits(settings.REPORTING_CURRENCY))
    )
