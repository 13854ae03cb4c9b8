"""The profiles there are: name → required columns and the function that reads a row."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from billing.importers import generic, lago, stripe, stripe_api, stripe_balance, stripe_payments
from billing.importers.records import Record
from billing.importers.style import Row

# Customers last: an invoice keeps the name its customer had, the list has the one of today.
_SUBSCRIPTIONS, USUAL_TURN, _AFTER_INVOICES, _CASH, _CUSTOMERS = range(5)


@dataclass(frozen=True, slots=True)
class Profile:
    """How one kind of file is read; columns are found by name, never by position.

    `figures` and `days` are the columns that prove how the file writes them, `total` the one a
    total row is checked against. With `objects` the file is JSON of an API, not a table;
    `details` are lines that take the place of an invoice's total. Files that are applied together
    are by their `turn`.
    """

    name: str
    label: str
    required: tuple[str, ...]
    read: Callable[[Any], Iterable[Record]]
    figures: tuple[str, ...] = ()
    days: tuple[str, ...] = ()
    total: str = ""
    marks: tuple[str, ...] = ()
    objects: bool = False
    details: bool = False
    turn: int = USUAL_TURN

    @property
    def telling(self) -> tuple[str, ...]:
        """The columns the file is recognised by: more than are needed where those are few."""
        return self.marks or self.required


def _each(read: Callable[[Row], Record]) -> Callable[[Row], Iterable[Record]]:
    return lambda row: (read(row),)


PROFILES = {
    profile.name: profile
    for profile in (
        Profile(
            "generic", "Generic template", generic.REQUIRED, _each(generic.line),
            generic.FIGURES, generic.DAYS, "amount",
        ),
        Profile(
            "stripe-invoices", "Stripe invoices", stripe.INVOICES, _each(stripe.invoice),
            stripe.INVOICE_FIGURES, stripe.INVOICE_DAYS, "Total",
        ),
        Profile(
            "stripe-subscriptions", "Stripe subscriptions", stripe.SUBSCRIPTIONS,
            _each(stripe.subscription), ("Amount",), stripe.SUBSCRIPTION_DAYS,
            turn=_SUBSCRIPTIONS,
        ),
        Profile(
            "stripe-customers", "Stripe customers", stripe.CUSTOMERS, _each(stripe.customer),
            marks=("id", "Email", "Name"), turn=_CUSTOMERS,
        ),
        Profile(
            "stripe-payments", "Stripe payments (refunds and disputes)", stripe_payments.REQUIRED,
            stripe_payments.payments, stripe_payments.FIGURES, stripe_payments.DAYS, "Amount",
            turn=_CASH,
        ),
        Profile(
            "stripe-balance", "Stripe balance report, itemised", stripe_balance.REQUIRED,
            stripe_balance.balance, stripe_balance.FIGURES, stripe_balance.CREATED, "gross",
            turn=_CASH,
        ),
        Profile(
            "stripe-invoice-lines", "Stripe API objects: invoices, their lines, subscriptions "
            "(JSON)", (), stripe_api.read, objects=True, details=True, turn=_AFTER_INVOICES,
        ),
        Profile(
            "lago-invoices", "Lago invoices", lago.INVOICES, lago.invoice,
            ("fees_amount_cents",), ("issuing_date", "payment_dispute_lost_at"),
            "fees_amount_cents",
        ),
        Profile(
            "lago-fees", "Lago fees of invoices", lago.FEES, lago.fee,
            ("fee_total_amount_cents",), ("invoice_issuing_date",), "fee_total_amount_cents",
            details=True, turn=_AFTER_INVOICES,
        ),
        Profile(
            "lago-credit-notes", "Lago credit notes", lago.CREDIT_NOTES, lago.credit_note,
            ("sub_total_excluding_taxes_amount_cents",), ("issuing_date",),
            "sub_total_excluding_taxes_amount_cents", turn=_AFTER_INVOICES,
        ),
    )
}  # fmt: skip
# One column is too little to tell what a file is.
_TELLING = 2


def recognised(names: Sequence[str]) -> Profile | None:
    """Return the profile with the most telling columns of those a file has all of."""
    tables = [one for one in PROFILES.values() if not one.objects]
    fitting = [one for one in tables if set(one.telling) <= set(names)]
    best = max(fitting, key=lambda one: len(one.telling), default=None)
    return best if best and len(best.telling) >= _TELLING else None
