"""Credit notes, refunds and disputes recognised in a period, by customer."""

from collections import defaultdict
from decimal import Decimal

from django.conf import settings

from billing.measures import UNATTRIBUTED
from billing.revenue import lowering_slices
from customers.models import Customer
from tknops.calendar import Period
from tknops.money import minor_digits


def credited(period: Period) -> dict[str, Decimal]:
    """Sum what lowers billed revenue in the period, as the margin recognises it."""
    currency = settings.REPORTING_CURRENCY
    names = dict(Customer.objects.values_list("pk", "external_id"))
    found: dict[str, Decimal] = defaultdict(Decimal)
    for piece in lowering_slices([period]):
        if piece.currency == currency:
            amount = Decimal(piece.amount_minor).scaleb(-minor_digits(currency))
            found[names.get(piece.customer_id or 0, UNATTRIBUTED)] += amount
    return dict(found)
