"""The generic template: one row per invoice line."""

import datetime as dt

from billing.importers import cells
from billing.importers.cells import CellError
from billing.importers.records import CustomerRecord, LineRecord
from billing.models import Invoice, InvoiceLine

COLUMNS = (
    "external_customer_id", "customer_name", "invoice_id", "line_id", "plan_code", "product",
    "description", "amount", "currency", "amount_unit", "tax_amount", "tax_mode",
    "discount_amount", "subscription_id", "credited_invoice_id", "service_start", "service_end",
    "invoice_date", "type", "status",
)  # fmt: skip
_LOWERING = frozenset((InvoiceLine.Kind.CREDIT, InvoiceLine.Kind.REFUND))
REQUIRED = ("external_customer_id", "invoice_id", "amount", "currency", "invoice_date")


def line(row: dict[str, str]) -> LineRecord:
    """Read a line: revenue = amount − discount − inclusive tax. Raises CellError."""
    currency = cells.currency(row, "currency")
    kind = _one_of(row, "type", InvoiceLine.Kind.values, "RECURRING")
    invoiced = cells.required_date(row, "invoice_date")
    start, end = _service(row, invoiced, kind)
    return LineRecord(
        invoice_id=cells.required(row, "invoice_id"),
        line_id=cells.optional(row, "line_id") or "1",
        number=cells.required(row, "invoice_id"),
        customer=CustomerRecord(
            cells.required(row, "external_customer_id"), cells.optional(row, "customer_name")
        ),
        invoice_date=invoiced,
        currency=currency,
        status=_one_of(row, "status", Invoice.Status.values, "OPEN"),
        amount_minor=_lowering(_revenue(row, currency), kind),
        service_start=start,
        service_end=end,
        kind=kind,
        plan=cells.optional(row, "plan_code", "product"),
        subscription=cells.optional(row, "subscription_id"),
        credits=cells.optional(row, "credited_invoice_id"),
        description=cells.optional(row, "description"),
    )


def _revenue(row: dict[str, str], currency: str) -> int:
    unit = _one_of(row, "amount_unit", ["MAJOR", "MINOR"], "MAJOR")
    tax_mode = _one_of(row, "tax_mode", ["EXCLUSIVE", "INCLUSIVE", "NONE"], "NONE")
    if cells.optional(row, "tax_amount") and not cells.optional(row, "tax_mode"):
        message = "column 'tax_mode' is empty; exclusive, inclusive or none is needed with a tax"
        raise CellError(message)
    total = 0
    for sign, column in ((1, "amount"), (-1, "discount_amount"), (-1, "tax_amount")):
        if column == "tax_amount" and tax_mode != "INCLUSIVE":
            continue
        if unit == "MINOR":
            total += sign * cells.whole(row, column)
        else:
            total += sign * cells.minor(cells.number(row, column), currency, column)
    return total


def _lowering(amount: int, kind: str) -> int:
    """Let a credit or refund only lower revenue: some billers write it without the minus sign."""
    if kind in _LOWERING and amount > 0:
        message = f"column 'amount': a {kind.lower()} above 0 would add revenue; write it below 0"
        raise CellError(message)
    return amount


def _service(row: dict[str, str], invoiced: dt.date, kind: str) -> tuple[dt.date, dt.date]:
    start = cells.date(row, "service_start")
    end = cells.date(row, "service_end")
    if start is None and end is None and kind in {"ONE_TIME", "REFUND", "CREDIT"}:
        return invoiced, invoiced + dt.timedelta(days=1)
    start, end = cells.required_date(row, "service_start"), cells.required_date(row, "service_end")
    if end <= start:
        message = f"column 'service_end': {end} is not after the service start {start} (exclusive)"
        raise CellError(message)
    return start, end


def _one_of(row: dict[str, str], column: str, accepted: list[str], default: str) -> str:
    text = cells.optional(row, column).upper().replace("-", "_").replace(" ", "_") or default
    if text not in accepted:
        known = ", ".join(value.lower() for value in accepted)
        message = f"column {column!r}: {text.lower()!r} is not one of {known}"
        raise CellError(message)
    return text
