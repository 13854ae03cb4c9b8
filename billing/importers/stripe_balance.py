"""Stripe's itemised balance report: refunds and disputes at their dates, one row each.

Charges are cash, so they are counted and summed to tie out with the bank, never revenue.
"""

from collections.abc import Iterator

from billing.importers import cells
from billing.importers.cells import CellError
from billing.importers.records import LeftOut, PaymentRecord, Record
from billing.importers.stripe_payments import customer
from billing.importers.style import Row

REQUIRED = ("balance_transaction_id", "reporting_category", "currency", "gross", "source_id")
CREATED = ("created_utc", "created")
FIGURES = ("gross", "fee", "net", "customer_facing_amount")
# Each with the sign it has in the balance.
_KINDS = {
    "refund": ("REFUND", -1),
    "dispute": ("DISPUTE", -1),
    "dispute_reversal": ("DISPUTE_WON", 1),
}


def balance(row: Row) -> Iterator[Record]:
    """Read a row of the balance."""
    category = cells.required(row, "reporting_category").lower()
    settled = cells.currency(row, "currency")
    gross = cells.minor(cells.number(row, "gross", settled), settled, "gross")
    if category not in _KINDS:
        cash = ": cash, to tie out" if category == "charge" else ""
        yield LeftOut(f"{category.replace('_', ' ')}{cash}", settled, gross)
        return
    kind, sign = _KINDS[category]
    code, amount = settled, gross
    if cells.optional(row, "customer_facing_amount"):  # what the customer got, as invoiced
        code = cells.currency(row, "customer_facing_currency")
        value = cells.number(row, "customer_facing_amount", code)
        amount = cells.minor(value, code, "customer_facing_amount")
    if amount * sign <= 0:
        message = f"column 'gross': a {category.replace('_', ' ')} is "
        message += "below 0" if sign < 0 else "above 0"
        raise CellError(message)
    yield PaymentRecord(
        charge=cells.optional(row, "charge_id", "payment_intent_id", "source_id"),
        kind=kind,
        customer=customer(row, "customer_id", "customer_email", "customer_name"),
        occurred_on=cells.required_date(row, *CREATED),
        currency=code,
        amount_minor=abs(amount),
        reference=cells.required(row, "source_id"),
        invoice=cells.optional(row, "invoice_id"),
        fee_minor=_fee(row, settled) if code == settled else None,
    )


def _fee(row: Row, code: str) -> int | None:
    if not cells.optional(row, "fee"):
        return None
    return cells.minor(cells.number(row, "fee", code), code, "fee")
