"""Which billing customer is which customer: by id, alias or e-mail; never guessed."""

from collections import Counter

from django.db import transaction

from billing.models import BillingCustomer
from customers.models import Customer, CustomerAlias
from usage.attribution import attribute


def match_customers() -> int:
    """Match billing customers that have none yet; return how many were."""
    aliases = dict(CustomerAlias.objects.values_list("alias", "customer_id"))
    known = {**aliases, **dict(Customer.objects.values_list("external_id", "pk"))}
    emails = _unique_emails()
    matched = []
    for billed in BillingCustomer.objects.filter(customer=None):
        found = known.get(billed.external_id) or emails.get(billed.email.lower())
        if found:
            billed.customer_id = found
            matched.append(billed)
    BillingCustomer.objects.bulk_update(matched, ["customer"])
    return len(matched)


def _unique_emails() -> dict[str, int]:
    rows = [(email.lower(), pk) for email, pk in Customer.objects.values_list("email", "pk")]
    counts = Counter(email for email, _ in rows)
    return {email: pk for email, pk in rows if email and counts[email] == 1}


@transaction.atomic
def map_billing_customer(*, billed: BillingCustomer, customer: Customer) -> None:
    """Say that a billing customer is this customer."""
    billed.customer = customer
    billed.save(update_fields=["customer"])


@transaction.atomic
def create_customer_for(*, billed: BillingCustomer) -> Customer:
    """Create the customer a billing customer stands for, under the same id."""
    customer, _ = Customer.objects.get_or_create(
        external_id=billed.external_id,
        defaults={"name": billed.name or billed.external_id, "email": billed.email},
    )
    map_billing_customer(billed=billed, customer=customer)
    attribute(reason=f"customer {customer.external_id} created")
    return customer
