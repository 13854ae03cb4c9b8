"""Stripe's unified payments export: payments, and what went back of them at its date.

`Amount Refunded` and `Disputed Amount` are what there was by the day of the export, so an export
taken later adds only what came since. Amounts in the currency that was charged: the converted ones
stand at the rates of their own days and are not mixed in.
"""

from collections.abc import Iterator
from decimal import Decimal

from billing.importers import cells
from billing.importers.cells import CellError
from billing.importers.records import CustomerRecord, LeftOut, PaymentRecord, Record
from billing.importers.style import Row

REQUIRED = ("id", "Amount", "Amount Refunded", "Currency", "Status", "Captured")
FIGURES = ("Amount", "Amount Refunded", "Disputed Amount", "Fee", "Converted Amount")
CREATED = ("Created date (UTC)", "Created (UTC)")
REFUNDED, DISPUTED = "Refunded date (UTC)", "Dispute Date (UTC)"
DAYS = (*CREATED, REFUNDED, DISPUTED)
_TAKEN = frozenset(("needs_response", "under_review", "lost", "won"))
_PAID = frozenset(("paid", "succeeded", "refunded", "partially_refunded", "disputed"))
GUEST = "(guest)"


def payments(row: Row) -> Iterator[Record]:
    """Read a payment, its refunds and its dispute. Raises CellError for a refund without a date."""
    code = cells.currency(row, "Currency")
    amount = _minor(row, "Amount", code)
    if why := _left_out(row):
        yield LeftOut(why, code, amount)
        return
    fee = None
    if cells.optional(row, "Fee") and cells.optional(row, "Converted Currency").upper() == code:
        fee = _minor(row, "Fee", code)
    paid = _event(row, "PAYMENT", code, amount, CREATED, fee)
    if amount:
        yield paid
    if refunded := _minor(row, "Amount Refunded", code):
        yield _event(row, "REFUND", code, refunded, (REFUNDED,))
    yield from _dispute(row, code)


def _left_out(row: Row) -> str:
    if cells.optional(row, "Mode").lower() == "test":
        return "test mode"
    status = cells.required(row, "Status").lower().replace(" ", "_")
    if cells.optional(row, "Captured").lower() == "false" or status not in _PAID:
        return f"not paid: {status.replace('_', ' ')}"
    return ""


def _dispute(row: Row, code: str) -> Iterator[Record]:
    """A dispute takes the money at once and gives it back if won; an inquiry takes none."""
    status = cells.optional(row, "Dispute Status").lower().replace(" ", "_")
    disputed = _minor(row, "Disputed Amount", code)
    if not disputed or status not in _TAKEN:
        return
    yield _event(row, "DISPUTE", code, disputed, (DISPUTED,))
    if status == "won":  # the export has no day of the win
        yield _event(row, "DISPUTE_WON", code, disputed, (DISPUTED,))


def _event(
    row: Row, kind: str, code: str, amount: int, days: tuple[str, ...], fee: int | None = None
) -> PaymentRecord:
    day = cells.date(row, *days)
    if day is None:
        words = kind.lower().replace("_", " ")
        message = (
            f"a {words} of {Decimal(amount)} {code} (minor units) has no day: tick the column "
        )
        message += f"{days[0]!r} when exporting, or import the itemised balance report instead"
        raise CellError(message, code="undated")
    return PaymentRecord(
        charge=cells.required(row, "id"),
        kind=kind,
        customer=customer(row, "Customer ID", "Customer Email", "Customer Description"),
        occurred_on=day,
        currency=code,
        amount_minor=amount,
        invoice=cells.optional(row, "Invoice ID", "Invoice Number"),
        fee_minor=fee,
        running=kind != "PAYMENT",
    )


def customer(row: Row, known: str, email: str, name: str) -> CustomerRecord:
    """Return who paid: by id, else by e-mail, else all guests as one, so that nothing vanishes."""
    address = cells.optional(row, email)
    return CustomerRecord(
        cells.optional(row, known) or address or GUEST, cells.optional(row, name), address
    )


def _minor(row: Row, column: str, code: str) -> int:
    return cells.minor(cells.number(row, column, code), code, column)
