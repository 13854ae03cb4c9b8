"""The template of a provider's bill as CSV or XLSX, where there is no export to read."""

import datetime as dt
from decimal import Decimal

from billing.importers import cells
from billing.importers.cells import CellError
from billing.models import ProviderInvoice, ProviderInvoiceLine
from billing.provider_bills.bill_line import TOTAL, BillLine, counted, money
from billing.provider_bills.meters import token_class
from tknops.calendar import month_start, parse_bound
from usage.ingest.providers import canonical
from usage.tokens import PRICED

COLUMNS = (
    "provider", "month", "day", "kind", "model", "token_class", "quantity", "price_per_million",
    "billed_cost", "credits", "tax", "currency", "invoice_number", "description",
)  # fmt: skip
REQUIRED = ("billed_cost", "currency")
_KINDS = (*ProviderInvoiceLine.Kind.values, TOTAL)


def line(row: dict[str, str], provider: str, reference: str) -> BillLine:
    """Return the line of a row. Raises CellError."""
    code = canonical(cells.optional(row, "provider")) or provider
    if not code:
        message = "column 'provider' is empty; fill it in or choose the provider above the file"
        raise CellError(message)
    day = cells.date(row, "day")
    kind = _kind(row)
    price = cells.optional(row, "price_per_million")
    quantity = cells.optional(row, "quantity")
    return BillLine(
        provider=code,
        month=month_start(day or _month(row)),
        day=day,
        currency=cells.currency(row, "currency"),
        source=ProviderInvoice.Source.GENERIC,
        number=cells.optional(row, "invoice_number"),
        reference=reference,
        kind=kind,
        model=cells.optional(row, "model")[:200],
        token_class=_class(row) if kind == "USAGE" else "",
        meter=cells.optional(row, "description")[:200],
        quantity=counted(cells.number(row, "quantity"), "quantity") if quantity else None,
        unit_price=money(cells.number(row, "price_per_million"), "price_per_million", shift=-6)
        if price
        else None,
        billed_cost=money(cells.number(row, "billed_cost"), "billed_cost"),
        credits=_amount(row, "credits") or Decimal(0),
        tax=_amount(row, "tax") or Decimal(0),
        as_billed=f"{cells.required(row, 'billed_cost')} {row['currency'].strip()}"[:60],
    )


def _kind(row: dict[str, str]) -> str:
    text = cells.optional(row, "kind").upper() or "USAGE"
    if text not in _KINDS:
        message = f"column 'kind': {text.lower()!r} is not one of {', '.join(_KINDS).lower()}"
        raise CellError(message)
    other = [name for name in ("credits", "tax") if cells.optional(row, name)]
    if text != "USAGE" and other:
        message = f"column {other[0]!r}: only a line of usage has one; write a line of its own"
        raise CellError(message)
    return text


def _month(row: dict[str, str]) -> dt.date:
    text = cells.required(row, "month")
    try:
        return parse_bound(text[:7])
    except ValueError as error:
        message = f"column 'month': {error}"
        raise CellError(message) from None


def _class(row: dict[str, str]) -> str:
    text = cells.optional(row, "token_class")
    found = token_class(text)
    if text and not found:
        message = f"column 'token_class': {text!r} is not one of {', '.join(PRICED)}"
        raise CellError(message)
    return found


def _amount(row: dict[str, str], column: str) -> Decimal | None:
    return money(cells.number(row, column), column) if cells.optional(row, column) else None
