"""Two customers that are one."""

from collections.abc import Iterable
from typing import Any

from django.db import IntegrityError, transaction

from billing.matching.history import Match, Reason, set_matches
from billing.models import BillingCustomer, Decision
from customers.models import Customer, CustomerAlias, CustomerAttribute, CustomerParent, EndUser
from usage.attribution import attribute, retarget
from usage.models import AttributionRun


@transaction.atomic
def merge_customers(*, keep: Customer, gone: Customer, user: Any = None) -> Customer:
    """Make `gone` another name of `keep`: aliases, bills, people, attributes, decisions move over.

    Where both have an attribute or a parent for the same days, that of `keep` stays; the audit log
    has the other. Raises ValueError if they are the same.
    """
    if keep.pk == gone.pk:
        message = f"{keep.name} cannot be merged with itself"
        raise ValueError(message)
    CustomerAlias.objects.filter(customer=gone).update(customer=keep)
    said = f"{gone.external_id} merged into {keep.external_id}"
    billed = BillingCustomer.objects.filter(customer=gone).order_by("pk")
    set_matches([Match(one, keep, Reason.MERGE, said) for one in billed], user=user)
    Decision.objects.filter(customer=gone).update(customer=keep)
    EndUser.objects.filter(customer=gone).update(customer=keep)
    _move("customer", CustomerAttribute.objects.filter(customer=gone), keep)
    _move("customer", CustomerParent.objects.filter(customer=gone), keep)
    _move("parent", CustomerParent.objects.filter(parent=gone), keep)
    retarget(gone=gone, keep=keep)
    reference = gone.external_id
    gone.delete()
    CustomerAlias.objects.create(customer=keep, alias=reference)
    attribute(
        reason=f"customer {said}",
        user=user,
        kind=AttributionRun.Kind.MERGE,
    )
    return keep


def _move(field: str, rows: Iterable[CustomerAttribute | CustomerParent], keep: Customer) -> None:
    for held in rows:
        setattr(held, field, keep)
        try:
            with transaction.atomic():
                held.save(update_fields=[field])
        except IntegrityError:
            continue
