"""Which billing customer is which customer: by id, alias or e-mail; never guessed."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.db import transaction

from billing.matching.history import Match, Reason, customer_called, newest_records, set_matches
from billing.matching.suggest import suggest
from billing.models import BillingCustomer, MatchRecord
from customers.models import Customer, CustomerAlias
from usage.attribution import attribute, unpin
from usage.models import Context


def match_customers(*, user: Any = None) -> int:
    """Match billing customers that have none yet; return how many were.

    One whose match was taken back is left to a person; one that was there before, and came again
    with another import, gets the match it had.
    """
    open_ones = list(BillingCustomer.objects.filter(customer=None).order_by("pk"))
    records = newest_records(one.external_id for one in open_ones)
    kept = list(_as_before(open_ones, records))
    done = {match.billed.pk for match in kept}
    rest = [
        one
        for one in open_ones
        if one.pk not in done and not _taken_back(records.get(one.external_id))
    ]
    return set_matches([*kept, *_found(rest)], user=user)


def _taken_back(record: MatchRecord | None) -> bool:
    return record is not None and not record.after


def _as_before(
    billed: Sequence[BillingCustomer], records: Mapping[str, MatchRecord]
) -> Iterator[Match]:
    for one in billed:
        record = records.get(one.external_id)
        if record and record.after and (customer := customer_called(record.after)):
            said = f"{record.get_reason_display()} of {record.created_at:%Y-%m-%d}"
            yield Match(one, customer, Reason.BEFORE, said)


def _found(billed: Sequence[BillingCustomer]) -> Iterator[Match]:
    if not billed:
        return
    customers = Customer.objects.in_bulk()
    ids = {customer.external_id: customer for customer in customers.values()}
    aliases = {
        alias: customers[pk] for alias, pk in CustomerAlias.objects.values_list("alias", "customer")
    }
    emails = _unique_emails(customers.values())
    for one in billed:
        if found := ids.get(one.external_id):
            yield Match(one, found, Reason.ID)
        elif found := aliases.get(one.external_id):
            yield Match(one, found, Reason.ALIAS, f"alias {one.external_id}")
        elif found := emails.get(one.email.lower()):
            yield Match(one, found, Reason.EMAIL)


def _unique_emails(customers: Any) -> dict[str, Customer]:
    rows = [(customer.email.lower(), customer) for customer in customers]
    counts = Counter(email for email, _ in rows)
    return {email: customer for email, customer in rows if email and counts[email] == 1}


@transaction.atomic
def match_billed(*, billed: BillingCustomer, target: str = "", user: Any = None) -> Customer:
    """Say which customer a billing customer is, by external id; return the customer.

    Without a target it becomes a customer under the biller's id; a target that so far is only a
    name in the usage becomes a customer named as it is billed. Raises ValueError if the target is
    neither. What suggested the target is kept as the reason.
    """
    customer = Customer.objects.filter(external_id=target).first() if target else None
    if target and not customer and not Context.objects.filter(customer_reference=target).exists():
        message = f"{target!r} is no customer and no name in the usage; choose one of the list"
        raise ValueError(message)
    offered = {one.target: one for one in suggest([billed]).get(billed.pk, ())}
    why = offered.get(target)
    if customer is None:
        customer, _ = Customer.objects.get_or_create(
            external_id=target or billed.external_id,
            defaults={"name": billed.name or billed.external_id, "email": billed.email},
        )
        unpin(kind="customer", references=[customer.external_id])
        attribute(reason=f"customer {customer.external_id} created", user=user)
    elif billed.name and customer.name == customer.external_id:
        customer.name = billed.name  # so far it only had the name in the usage
        customer.save(update_fields=["name"])
    match = Match(billed, customer, why.reason if why else Reason.HAND, why.evidence if why else "")
    set_matches([match], user=user)
    return customer
