"""Join health: usage references and billing customers that do not meet yet, by money."""

from dataclasses import dataclass
from decimal import Decimal
from difflib import get_close_matches

from billing.margin import MarginReport, margin
from billing.measures import NONE, UNATTRIBUTED
from billing.models import BillingCustomer
from billing.revenue import revenue_slices
from customers.models import Customer
from tknops.calendar import Period
from tknops.money import minor_digits


@dataclass(frozen=True, slots=True)
class Unmet:
    """One side without the other: its key, its money, and a suggestion."""

    key: str
    name: str
    money: Decimal | None
    suggestion: str = ""


def unattributed_usage(period: Period) -> list[Unmet]:
    """List customer references without a customer, dearest first."""
    report: MarginReport = margin(
        by=["customer_reference"], period=period, filters={"customer": [UNATTRIBUTED]}
    )
    names = dict(Customer.objects.values_list("external_id", "name"))
    found = [
        Unmet(row.key[0], row.key[0], row.cost, _suggest(row.key[0], names))
        for row in report.rows
        if row.events
    ]
    return sorted(found, key=lambda one: (one.key == NONE, -(one.money or Decimal(0))))


def _suggest(reference: str, names: dict[str, str]) -> str:
    near = get_close_matches(reference.lower(), names, n=1, cutoff=0.7)
    return near[0] if near else ""


def unmatched_billing(period: Period) -> list[Unmet]:
    """List billing customers without a customer by their revenue in the period."""
    revenue: dict[int, Decimal] = {}
    for piece in revenue_slices([period]):
        if piece.customer_id is None:
            amount = Decimal(piece.amount_minor).scaleb(-minor_digits(piece.currency))
            before = revenue.get(piece.billing_customer_id, Decimal(0))
            revenue[piece.billing_customer_id] = before + amount
    names = dict(Customer.objects.values_list("external_id", "name"))
    found = [
        Unmet(billed.external_id, str(billed), revenue.get(billed.pk, Decimal(0)),
              _suggest(billed.external_id, names))
        for billed in BillingCustomer.objects.filter(customer=None)
    ]  # fmt: skip
    return sorted(found, key=lambda one: -(one.money or Decimal(0)))
