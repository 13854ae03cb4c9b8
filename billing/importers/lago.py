"""Lago's data exports: integer cents, whatever the currency's minor unit is called.

Invoices bring customer, state and total; their fees then take the total's place line by line.
Coupons lower the invoice, not its fees, so they stay a line of their own.
"""

import datetime as dt
from collections.abc import Iterator

from billing.importers import cells
from billing.importers.records import CustomerRecord, LeftOut, LineRecord, PaymentRecord, Record
from billing.importers.style import Row

INVOICES = ("lago_id", "customer_external_id", "issuing_date", "currency", "fees_amount_cents",
            "coupons_amount_cents", "status")  # fmt: skip
FEES = ("invoice_lago_id", "fee_lago_id", "fee_item_type", "fee_amount_currency",
        "fee_taxes_amount_cents", "fee_total_amount_cents")  # fmt: skip
CREDIT_NOTES = ("lago_id", "customer_external_id", "issuing_date", "currency",
                "sub_total_excluding_taxes_amount_cents", "credit_status")  # fmt: skip
_DAY = dt.timedelta(days=1)
_FROM, _TO = ("fee_from_date", "fee_from_date_utc"), ("fee_to_date", "fee_to_date_utc")
# Not issued yet, or never: no revenue until they are finalized.
_STATES = {
    "finalized": "OPEN", "voided": "VOID",
    **dict.fromkeys(("draft", "open", "closed", "generating", "pending", "failed"), "DRAFT"),
}  # fmt: skip
_KINDS = {
    "subscription": "RECURRING", "commitment": "RECURRING", "fixed_charge": "RECURRING",
    "charge": "USAGE", "add_on": "ONE_TIME", "credit": "CREDIT",
}  # fmt: skip


def invoice(row: Row) -> Iterator[Record]:
    """Read an invoice as one line of its fees less coupons, until its fees come."""
    code = cells.currency(row, "currency")
    revenue = cells.whole(row, "fees_amount_cents") - cells.whole(row, "coupons_amount_cents")
    if cells.optional(row, "invoice_type") == "credit":
        yield LeftOut("prepaid credits bought: revenue as they are used", code, revenue)
        return
    cells.required(row, "status")
    status = cells.one_of(row, "status", _STATES)
    if status == "OPEN" and cells.optional(row, "payment_status") == "succeeded":
        status = "PAID"
    issued = cells.required_date(row, "issuing_date")
    yield LineRecord(
        invoice_id=cells.required(row, "lago_id"),
        line_id="total",
        number=cells.optional(row, "invoice_number"),
        customer=_customer(row),
        invoice_date=issued,
        currency=code,
        status=status,
        amount_minor=revenue,
        service_start=issued,
        service_end=issued + _DAY,
        kind="ONE_TIME",
    )
    lost = cells.date(row, "payment_dispute_lost_at")
    if lost and revenue > 0:
        yield PaymentRecord(
            charge=cells.required(row, "lago_id"), kind="DISPUTE", customer=_customer(row),
            occurred_on=lost, currency=code, amount_minor=revenue, reference="lost",
            invoice=cells.required(row, "lago_id"),
        )  # fmt: skip


def fee(row: Row) -> Iterator[Record]:
    """Read a fee of an invoice that is there; its period names its last day."""
    code = cells.currency(row, "fee_amount_currency")
    net = cells.whole(row, "fee_total_amount_cents") - cells.whole(row, "fee_taxes_amount_cents")
    cells.required(row, "fee_item_type")
    kind = cells.one_of(row, "fee_item_type", _KINDS)
    if kind == "CREDIT":
        yield LeftOut("prepaid credits bought: revenue as they are used", code, net)
        return
    issued = cells.required_date(row, "invoice_issuing_date")
    start, last = cells.date(row, *_FROM) or issued, cells.date(row, *_TO) or issued
    yield LineRecord(
        invoice_id=cells.required(row, "invoice_lago_id"),
        line_id=cells.required(row, "fee_lago_id"),
        number="",
        customer=CustomerRecord(""),
        invoice_date=issued,
        currency=code,
        status="",
        amount_minor=net,
        service_start=start,
        service_end=max(last, start) + _DAY,
        kind=kind,
        plan=cells.optional(row, "subscription_plan_code"),
        subscription=cells.optional(row, "subscription_external_id"),
        description=cells.optional(row, "fee_item_invoice_display_name", "fee_item_name"),
    )


def credit_note(row: Row) -> Iterator[Record]:
    """Read a credit note: below 0, net of tax, linked to its invoice by number."""
    issued = cells.required_date(row, "issuing_date")
    yield LineRecord(
        invoice_id=cells.required(row, "lago_id"),
        line_id="total",
        number=cells.optional(row, "number"),
        customer=_customer(row),
        invoice_date=issued,
        currency=cells.currency(row, "currency"),
        status="VOID" if cells.optional(row, "credit_status") == "voided" else "PAID",
        amount_minor=-cells.whole(row, "sub_total_excluding_taxes_amount_cents"),
        service_start=issued,
        service_end=issued + _DAY,
        kind="CREDIT",
        credits=cells.optional(row, "invoice_number"),
        description=cells.optional(row, "description", "reason"),
    )


def _customer(row: Row) -> CustomerRecord:
    return CustomerRecord(
        cells.required(row, "customer_external_id"),
        cells.optional(row, "customer_name"),
        cells.optional(row, "customer_email"),
    )
