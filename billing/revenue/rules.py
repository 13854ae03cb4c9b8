"""The rules of revenue in one place: what a document earns, over which days, at which rate.

- An invoice line, net of tax and after discount, is earned straight-line over its service period,
  whatever its sign: a proration's negative line too. Usage lines have their period in the past.
- A one-off line without a period of its own is earned on its day, or from then on over the months
  its plan's policy states.
- A credit note is a negative line over the rest of its period from its issue date on; after that
  period on its issue date. One without a period has that of the invoice it credits.
- A refund or dispute is contra-revenue on its date as far as no credit note covers it; a dispute
  won gives it back.
- Prepaid credits are earned as usage draws them, the rest by the policy's breakage.
- Lines of an uncollectible invoice, and credit notes for one, are bad debt: shown apart.
- Void and draft invoices earn nothing.
- Days of a subscription no recurring line covers have its contracted price, trials and pauses none.
- Usage no line bills yet is accrued where the plan's policy says how: an estimate, shown apart.
"""

import datetime as dt
from typing import NamedTuple

from billing.models import Invoice, InvoiceLine
from tknops.calendar import Period, add_months

# What a figure rests on.
INVOICED, CONTRACTED, ACCRUED = "invoiced", "contracted", "accrued"
# What kind of record it is from.
LINE, CREDIT, CONTRA = "line", "credit note", "contra-revenue"
DRAWDOWN, BREAKAGE, BAD_DEBT, ESTIMATE = "drawdown", "breakage", "bad debt", "estimate"
CONTRACT = "contract"

COUNTING = (Invoice.Status.OPEN, Invoice.Status.PAID)
# Statuses of invoices that were billed, whether or not they are ever paid.
BILLED = (*COUNTING, Invoice.Status.UNCOLLECTIBLE)
_DAY = dt.timedelta(days=1)


class Billed(NamedTuple):
    """A line as billed, in minor units; `method` says how it was split, if it was."""

    billing_customer_id: int
    customer_id: int | None
    plan: str | None
    plan_id: int | None
    subscription_id: int | None
    currency: str
    amount_minor: int
    service: Period
    kind: str
    issued: dt.date
    status: str
    invoice_id: int
    method: str = ""


class Stream(NamedTuple):
    """An amount earned straight-line over days, in minor units.

    `issued`: when it was invoiced; None where it never was, or its purchase was. `rate_on`: the day
    at whose rate it is converted; None = the day it is earned.
    """

    billing_customer_id: int
    customer_id: int | None
    plan: str | None
    currency: str
    amount_minor: int
    service: Period
    kind: str
    rate_on: dt.date | None
    issued: dt.date | None
    invoice_id: int | None
    method: str = ""
    basis: str = INVOICED


def earned_over(line: Billed, one_off_months: int | None) -> Period:
    """Return the days a line is earned on: its own, or the term of a one-off without any."""
    if one_off_months and line.kind == InvoiceLine.Kind.ONE_TIME and line.service.days == 1:
        return Period(line.service.start, add_months(line.service.start, one_off_months))
    return line.service


def credited_over(note: Billed, credited: Period | None) -> Period:
    """Return the rest of a credit note's period from its issue on, its issue date if none is left.

    `credited`: the days the invoice it credits is earned on; its period where it has none itself.
    """
    own = note.service
    if credited and own == Period(note.issued, note.issued + _DAY):
        own = credited
    start = max(own.start, note.issued)
    return Period(start, own.end) if start < own.end else on_day(note.issued)


def on_day(day: dt.date) -> Period:
    """Return the period of one day."""
    return Period(day, day + _DAY)


def rate_day(line: Billed) -> dt.date:
    """Return the invoice date; for what is billed in arrears the last day of its service."""
    last = line.service.end - _DAY
    usage = line.kind == InvoiceLine.Kind.USAGE and line.service.start < line.issued
    return last if usage or last < line.issued else line.issued


def stream_of(line: Billed, one_off_months: int | None = None) -> Stream:
    """Return what an invoice line earns."""
    bad = line.status == Invoice.Status.UNCOLLECTIBLE
    return Stream(
        line.billing_customer_id,
        line.customer_id,
        line.plan,
        line.currency,
        line.amount_minor,
        earned_over(line, one_off_months) if one_off_months else line.service,
        BAD_DEBT if bad else LINE,
        rate_day(line),
        line.issued,
        line.invoice_id,
        line.method,
    )
