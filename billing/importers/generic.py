"""The generic template: one row per invoice line."""

import datetime as dt

from billing.importers import cells
from billing.importers.cells import CellError
from billing.importers.records import CustomerRecord, LineRecord
from billing.importers.style import Row, called
from billing.models import Invoice, InvoiceLine

COLUMNS = (
    "external_customer_id", "customer_name", "customer_email", "invoice_id", "line_id",
    "plan_code", "product", "description", "amount", "currency", "amount_unit", "tax_amount",
    "tax_mode", "discount_amount", "subscription_id", "credited_invoice_id", "service_start",
    "service_end", "invoice_date", "type", "status",
)  # fmt: skip
REQUIRED = ("external_customer_id", "invoice_id", "amount", "currency", "invoice_date")
FIGURES = ("amount", "tax_amount", "discount_amount")
DAYS = ("service_start", "service_end", "invoice_date")
_LOWERING = frozenset((InvoiceLine.Kind.CREDIT, InvoiceLine.Kind.REFUND))
KINDS = {kind.lower(): kind for kind in InvoiceLine.Kind.values}
STATUSES = {status.lower(): status for status in Invoice.Status.values}
_UNITS = {"major": "MAJOR", "minor": "MINOR"}
_TAXES = {"exclusive": "EXCLUSIVE", "inclusive": "INCLUSIVE", "none": "NONE"}


def line(row: Row) -> LineRecord:
    """Read a line: revenue = amount − discount − inclusive tax. Raises CellError."""
    currency = cells.currency(row, "currency")
    kind = cells.one_of(row, "type", KINDS, "RECURRING")
    invoiced = cells.required_date(row, "invoice_date")
    start, end = _service(row, invoiced, kind)
    return LineRecord(
        invoice_id=cells.required(row, "invoice_id"),
        line_id=cells.optional(row, "line_id") or "1",
        number=cells.required(row, "invoice_id"),
        customer=CustomerRecord(
            cells.required(row, "external_customer_id"),
            cells.optional(row, "customer_name"),
            cells.optional(row, "customer_email"),
        ),
        invoice_date=invoiced,
        currency=currency,
        status=cells.one_of(row, "status", STATUSES, "OPEN"),
        amount_minor=_lowering(row, _revenue(row, currency), kind),
        service_start=start,
        service_end=end,
        kind=kind,
        plan=cells.optional(row, "plan_code", "product"),
        subscription=cells.optional(row, "subscription_id"),
        credits=cells.optional(row, "credited_invoice_id"),
        description=cells.optional(row, "description"),
    )


def _revenue(row: Row, currency: str) -> int:
    unit = cells.one_of(row, "amount_unit", _UNITS, "MAJOR")
    tax_mode = cells.one_of(row, "tax_mode", _TAXES, "NONE")
    if cells.optional(row, "tax_amount") and not cells.optional(row, "tax_mode"):
        message = f"column {called(row, 'tax_mode')!r} is empty; exclusive, inclusive or none is "
        message += "needed with a tax"
        raise CellError(message)
    total = 0
    for sign, column in ((1, "amount"), (-1, "discount_amount"), (-1, "tax_amount")):
        if column == "tax_amount" and tax_mode != "INCLUSIVE":
            continue
        if unit == "MINOR":
            total += sign * cells.whole(row, column)
        else:
            value = cells.number(row, column, currency)
            total += sign * cells.minor(value, currency, called(row, column))
    return total


def _lowering(row: Row, amount: int, kind: str) -> int:
    """Let a credit or refund only lower revenue: some billers write it without the minus sign."""
    if kind in _LOWERING and amount > 0:
        message = f"column {called(row, 'amount')!r}: a {kind.lower()} above 0 would add revenue; "
        message += "write it below 0"
        raise CellError(message)
    return amount


def _service(row: Row, invoiced: dt.date, kind: str) -> tuple[dt.date, dt.date]:
    start = cells.date(row, "service_start")
    end = cells.date(row, "service_end")
    if start is None and end is None and kind in {"ONE_TIME", "REFUND", "CREDIT"}:
        return invoiced, invoiced + dt.timedelta(days=1)
    start, end = cells.required_date(row, "service_start"), cells.required_date(row, "service_end")
    if row.last_day_counts:
        end += dt.timedelta(days=1)
    if end <= start:
        message = f"column {called(row, 'service_end')!r}: {end} is not after the service start "
        message += f"{start} (exclusive)"
        raise CellError(message)
    return start, end
