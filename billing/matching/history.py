"""Matches set and taken back, each with its record."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from billing.models import BillingCustomer, MatchRecord
from customers.models import Customer, CustomerAlias

Reason = MatchRecord.Reason
_BATCH = 5_000


@dataclass(frozen=True, slots=True)
class Match:
    """A billing customer and the customer it is found to be, with the reason."""

    billed: BillingCustomer
    customer: Customer | None
    reason: str
    evidence: str = ""


def set_matches(matches: Sequence[Match], *, user: Any = None) -> int:
    """Write matches and their records; those that change nothing are left alone."""
    changing = [one for one in matches if one.billed.customer_id != _pk(one.customer)]
    known = Customer.objects.in_bulk({
        one.billed.customer_id for one in changing if one.billed.customer_id
    })  # fmt: skip
    records = []
    for one in changing:
        before = known.get(one.billed.customer_id or 0)
        records.append(
            MatchRecord(
                billed=one.billed.external_id,
                before=before.external_id if before else "",
                after=one.customer.external_id if one.customer else "",
                reason=one.reason,
                evidence=one.evidence[:300],
                created_by=user,
            )
        )
        one.billed.customer = one.customer
    BillingCustomer.objects.bulk_update(
        [one.billed for one in changing], ["customer"], batch_size=_BATCH
    )
    MatchRecord.objects.bulk_create(records, batch_size=_BATCH)
    return len(records)


@transaction.atomic
def undo_match(*, record: MatchRecord, user: Any = None) -> BillingCustomer:
    """Give a billing customer the match it had before a record; return it.

    It has none if that customer is gone, or was merged with the one it is taken from. What is
    taken back is not matched again by itself. Raises ValueError if the match was changed since.
    """
    billed = BillingCustomer.objects.select_for_update().filter(external_id=record.billed).first()
    newest = newest_records([record.billed]).get(record.billed)
    if billed is None or newest is None or newest.pk != record.pk:
        message = f"the match of {record.billed} was changed since; take that back first"
        raise ValueError(message)
    before = customer_called(record.before) if record.before else None
    if before and before.pk == billed.customer_id:
        before = None
    said = f"{record.get_reason_display()} of {record.created_at:%Y-%m-%d}"
    set_matches([Match(billed, before, Reason.UNDO, said)], user=user)
    return billed


def newest_records(billed: Iterable[str]) -> dict[str, MatchRecord]:
    """Return the newest record of each of these billing customers that has one."""
    rows = MatchRecord.objects.filter(billed__in=list(billed)).order_by("pk")
    return {row.billed: row for row in rows}


def customer_called(name: str) -> Customer | None:
    """Find a customer by its id, or by an alias: a merged one has become that."""
    found = Customer.objects.filter(external_id=name).first()
    if found:
        return found
    alias = CustomerAlias.objects.filter(alias=name).select_related("customer").first()
    return alias.customer if alias else None


def _pk(customer: Customer | None) -> int | None:
    return customer.pk if customer else None
