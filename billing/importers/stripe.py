"""Stripe's dashboard exports: major units, "(UTC)" in names, header sets vary by choice."""

import datetime as dt
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from billing.importers import cells
from billing.importers.cells import CellError
from billing.importers.records import CustomerRecord, LineRecord, ListedCustomer, SubscriptionRecord
from billing.importers.style import Row
from billing.models import LONGEST_COUNT, Interval
from tknops.money import EXACT

CUSTOMERS = ("id",)
SUBSCRIPTIONS = ("id", "Customer ID", "Plan", "Currency", "Interval", "Amount", "Status")
INVOICES = ("id", "Customer", "Currency", "Total", "Status")
SUBSCRIPTION_DAYS = (
    "Start (UTC)", "Start Date (UTC)", "Created (UTC)", "Trial End (UTC)", "Ended At (UTC)",
    "Current Period End (UTC)",
)  # fmt: skip
INVOICE_DAYS = (
    "Date (UTC)", "Finalized At (UTC)", "Period Start (UTC)", "Period End (UTC)",
    "Minimum Line Item Period Start (UTC)", "Maximum Line Item Period End (UTC)",
)  # fmt: skip
INVOICE_FIGURES = (
    "Total", "Tax", "Subtotal", "Exclusive Tax Amount", "Inclusive Tax Amount",
    "Total Discount Amount",
)  # fmt: skip
STATUSES = {
    "draft": "DRAFT", "open": "OPEN", "paid": "PAID", "void": "VOID",
    "uncollectible": "UNCOLLECTIBLE",
}  # fmt: skip
# The biller takes 50 keys of 40 characters; an id of a customer of ours has at most 200.
_METADATA = re.compile(r"([A-Za-z0-9_.-]{1,40}) \(metadata\)")
_MOST_METADATA, _LONGEST_METADATA = 50, 200
_DAY = dt.timedelta(days=1)
_EVERY = re.compile(r"(?:(?:every )?(\d{1,4}) )?(day|week|month|year)s?")
_MONTHS_A_YEAR = 12


def customer(row: Row) -> ListedCustomer:
    """Read a row of the customers export with the metadata that can name a customer of ours."""
    return ListedCustomer(
        cells.required(row, "id"),
        cells.optional(row, "Name", "Description"),
        cells.optional(row, "Email"),
        tuple(_metadata(row)),
    )


def _metadata(row: Row) -> Iterator[tuple[str, str]]:
    """List keys and texts of the columns `<key> (metadata)`.

    Others, empty ones and texts longer than any name in the usage are left out: notes are none of
    our business.
    """
    named = [(match[1], name) for name in row if (match := _METADATA.fullmatch(name))]
    for key, name in sorted(named)[:_MOST_METADATA]:
        value = (row[name] or "").strip()
        if value and len(value) <= _LONGEST_METADATA and value.isprintable():
            yield key, value


def subscription(row: Row) -> SubscriptionRecord:
    """Read a row of the subscriptions export; `Amount` is the price of one seat."""
    currency = cells.currency(row, "Currency")
    quantity = cells.whole(row, "Quantity") if cells.optional(row, "Quantity") else 1
    interval, count = _interval(row)
    return SubscriptionRecord(
        external_id=cells.required(row, "id"),
        customer=CustomerRecord(
            cells.required(row, "Customer ID"),
            cells.optional(row, "Customer Name", "Customer Description"),
            cells.optional(row, "Customer Email"),
        ),
        plan=cells.optional(row, "Product", "Plan"),
        price=EXACT.multiply(cells.number(row, "Amount", currency), Decimal(quantity)),
        currency=currency,
        interval=interval,
        interval_count=count,
        quantity=quantity,
        status=cells.required(row, "Status").lower(),
        start_date=cells.required_date(row, "Start (UTC)", "Start Date (UTC)", "Created (UTC)"),
        trial_end_date=cells.date(row, "Trial End (UTC)"),
        end_date=cells.date(row, "Ended At (UTC)"),
        renews_date=cells.date(row, "Current Period End (UTC)"),
    )


def _interval(row: Row) -> tuple[str, int]:
    """Read a word, or a count and a word (3 months); a column of counts may stand beside it."""
    said = cells.required(row, "Interval").lower()
    match = _EVERY.fullmatch(said)
    if match is None:
        message = f"column 'Interval': {said!r} is not day, week, month or year, or 3 months"
        raise CellError(message)
    beside = cells.whole(row, "Interval Count") if cells.optional(row, "Interval Count") else 1
    return charged_every(match[2], int(match[1] or beside))


def charged_every(interval: Any, count: Any) -> tuple[str, int]:
    """Return an interval and its count as the books hold them; 12 months are a year.

    Raises CellError.
    """
    name = str(interval).upper()
    known = name in Interval.values and isinstance(count, int) and 1 <= count <= LONGEST_COUNT
    if not known:
        message = f"it is charged every {count} {interval!r}; accepted: 1 to {LONGEST_COUNT:,} of "
        message += "day, week, month, year"
        raise CellError(message)
    whole_years = name == Interval.MONTH and count % _MONTHS_A_YEAR == 0
    return ("YEAR", count // _MONTHS_A_YEAR) if whole_years else (name, count)


def invoice(row: Row) -> LineRecord:
    """Read a row of the invoices export as one line: total less tax, over its lines' period.

    `Period Start/End` of a renewal is the period before, so the line items' own dates come first.
    """
    currency = cells.currency(row, "Currency")
    cells.required(row, "Status")
    status = cells.one_of(row, "Status", STATUSES)
    stated = (
        cells.number(row, f"{kind} Tax Amount", currency) for kind in ("Exclusive", "Inclusive")
    )
    tax = cells.number(row, "Tax", currency) or sum(stated, Decimal(0))
    amount = cells.number(row, "Total", currency) - tax
    invoiced = cells.required_date(row, "Date (UTC)", "Finalized At (UTC)", "Period End (UTC)")
    start = cells.date(row, "Minimum Line Item Period Start (UTC)", "Period Start (UTC)")
    end = cells.date(row, "Maximum Line Item Period End (UTC)", "Period End (UTC)")
    start, end = start or invoiced, end or invoiced
    return LineRecord(
        invoice_id=cells.required(row, "id"),
        line_id="1",
        number=cells.optional(row, "Number"),
        customer=CustomerRecord(
            cells.required(row, "Customer"), cells.optional(row, "Customer Name")
        ),
        invoice_date=invoiced,
        currency=currency,
        status=status,
        amount_minor=cells.minor(amount, currency, "Total"),
        service_start=start,
        service_end=end if end > start else start + _DAY,
        subscription=cells.optional(row, "Subscription"),
        description=cells.optional(row, "Description"),
    )
