"""Two customers that are one."""

from django.db import IntegrityError, transaction

from billing.models import BillingCustomer
from customers.models import Customer, CustomerAlias, CustomerAttribute, EndUser
from usage.attribution import attribute, retarget
from usage.models import AttributionRun


@transaction.atomic
def merge_customers(*, keep: Customer, gone: Customer) -> Customer:
    """Make `gone` another name of `keep`: its aliases, bills, people and attributes move over.

    Where both have an attribute for the same days, that of `keep` stays; the audit log has the
    other. Raises ValueError if they are the same.
    """
    if keep.pk == gone.pk:
        message = f"{keep.name} cannot be merged with itself"
        raise ValueError(message)
    CustomerAlias.objects.filter(customer=gone).update(customer=keep)
    BillingCustomer.objects.filter(customer=gone).update(customer=keep)
    EndUser.objects.filter(customer=gone).update(customer=keep)
    for held in CustomerAttribute.objects.filter(customer=gone):
        held.customer = keep
        try:
            with transaction.atomic():
                held.save(update_fields=["customer"])
        except IntegrityError:
            continue
    retarget(gone=gone, keep=keep)
    reference = gone.external_id
    gone.delete()
    CustomerAlias.objects.create(customer=keep, alias=reference)
    attribute(
        reason=f"customer {reference} merged into {keep.external_id}",
        kind=AttributionRun.Kind.MERGE,
    )
    return keep
