"""Which billing customer is which customer: by id, alias or e-mail; never guessed."""

from collections import Counter

from django.db import transaction

from billing.models import BillingCustomer
from customers.models import Customer, CustomerAlias
from usage.attribution import attribute, unpin
from usage.models import Context


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
def match_billed(*, billed: BillingCustomer, target: str = "") -> Customer:
    """Say which customer a billing customer is, by external id; return the customer.

    Without a target it becomes a customer under the biller's id; a target that so far is only a
    name in the usage becomes a customer named as it is billed. Raises ValueError if the target is
    neither.
    """
    customer = Customer.objects.filter(external_id=target).first() if target else None
    if target and not customer and not Context.objects.filter(customer_reference=target).exists():
        message = f"{target!r} is no customer and no name in the usage; choose one of the list"
        raise ValueError(message)
    if customer is None:
        customer, _ = Customer.objects.get_or_create(
            external_id=target or billed.external_id,
            defaults={"name": billed.name or billed.external_id, "email": billed.email},
        )
        unpin(kind="customer", references=[customer.external_id])
        attribute(reason=f"customer {customer.external_id} created")
    elif billed.name and customer.name == customer.external_id:
        customer.name = billed.name  # so far it only had the name in the usage
        customer.save(update_fields=["name"])
    billed.customer = customer
    billed.save(update_fields=["customer"])
    return customer
