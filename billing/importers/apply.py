"""Write a previewed file in one transaction, or undo it as a unit."""

import datetime as dt
import hashlib
from collections.abc import Iterable
from dataclasses import astuple
from typing import Any

from django.db import transaction

from billing.importers.preview import Preview, RowError
from billing.importers.records import (
    CustomerRecord,
    LineRecord,
    Record,
    SubscriptionRecord,
)
from billing.matching import match_customers
from billing.models import (
    BillingCustomer,
    BillingImport,
    Invoice,
    InvoiceLine,
    Plan,
    Subscription,
)

_BATCH = 2_000


class ImportRefusedError(ValueError):
    """Nothing was written; `errors` name lines and reasons."""

    def __init__(self, errors: list[RowError]) -> None:
        super().__init__("; ".join(f"line {one.line}: {one.message}" for one in errors[:5]))
        self.errors = errors


@transaction.atomic
def apply_import(*, found: Preview, user: Any = None) -> BillingImport:
    """Write all rows or none; rows that are there already with the same content are left alone.

    Natural keys: the biller's ids of customer, subscription, invoice and line. Raises
    ImportRefusedError if the preview has errors or a known id comes with other content.
    """
    if found.errors:
        raise ImportRefusedError(found.errors)
    made = BillingImport.objects.create(
        profile=found.profile,
        file_name=found.file_name[:200],
        file_sha256=found.sha256,
        rows=len(found.records),
        created_by=user,
    )
    customers = _customers(_customer_of(record) for _, record in found.records)
    made.created = _subscriptions(found, made, customers) + _invoices(found, made, customers)
    made.unchanged = made.rows - made.created
    made.save(update_fields=["created", "unchanged"])
    BillingCustomer.objects.filter(pk__in=customers.values(), billing_import=None).update(
        billing_import=made
    )
    match_customers()
    return made


@transaction.atomic
def undo_import(*, made: BillingImport, now: dt.datetime) -> None:
    """Take back what an import created; the customers it brought go too if nothing needs them."""
    Invoice.objects.filter(billing_import=made).delete()
    InvoiceLine.objects.filter(subscription__billing_import=made).update(subscription=None)
    Subscription.objects.filter(billing_import=made).delete()
    BillingCustomer.objects.filter(billing_import=made, invoices=None, subscriptions=None).delete()
    made.undone_at = now
    made.save(update_fields=["undone_at"])


def _customer_of(record: Record) -> CustomerRecord:
    return record if isinstance(record, CustomerRecord) else record.customer


def _customers(records: Iterable[CustomerRecord]) -> dict[str, int]:
    """Create or complete billing customers; return their ids by the biller's id."""
    latest: dict[str, CustomerRecord] = {}
    for record in records:
        before = latest.get(record.external_id)
        if (
            before is None
            or (record.name and not before.name)
            or (record.email and not before.email)
        ):
            latest[record.external_id] = record
    rows = {row.external_id: row for row in BillingCustomer.objects.filter(external_id__in=latest)}
    new = [
        BillingCustomer(external_id=key, name=record.name, email=record.email)
        for key, record in latest.items()
        if key not in rows
    ]
    for key, row in rows.items():
        row.name, row.email = latest[key].name or row.name, latest[key].email or row.email
    BillingCustomer.objects.bulk_update(rows.values(), ["name", "email"], batch_size=_BATCH)
    BillingCustomer.objects.bulk_create(new, batch_size=_BATCH)
    found = BillingCustomer.objects.filter(external_id__in=latest)
    return dict(found.values_list("external_id", "pk"))


def _plans(codes: Iterable[str]) -> dict[str, int]:
    wanted = sorted(set(codes) - {""})
    Plan.objects.bulk_create([Plan(code=code, name=code) for code in wanted], ignore_conflicts=True)
    return dict(Plan.objects.filter(code__in=wanted).values_list("code", "pk"))


def _fingerprint(parts: Iterable[object]) -> str:
    return hashlib.sha256(repr(sorted(map(repr, parts))).encode()).hexdigest()


def _subscriptions(found: Preview, made: BillingImport, customers: dict[str, int]) -> int:
    records = [(n, r) for n, r in found.records if isinstance(r, SubscriptionRecord)]
    plans = _plans(record.plan for _, record in records)
    known = {
        row.external_id: row
        for row in Subscription.objects.filter(external_id__in=[r.external_id for _, r in records])
    }
    new: dict[str, Subscription] = {}
    changed = []
    for number, record in records:
        values = {
            "billing_customer_id": customers[record.customer.external_id],
            "plan_id": plans[record.plan],
            "fingerprint": _fingerprint(astuple(record)),
            **{
                name: getattr(record, name)
                for name in (
                    "price", "currency", "interval", "quantity", "status", "start_date",
                    "trial_end_date", "end_date", "renews_date",
                )
            },
        }  # fmt: skip
        row = known.get(record.external_id)
        if row is None:
            new[record.external_id] = Subscription(
                external_id=record.external_id, billing_import=made, import_line=number, **values
            )
        elif row.fingerprint != values["fingerprint"]:
            for name, value in values.items():
                setattr(row, name, value)
            changed.append(row)
    Subscription.objects.bulk_create(new.values(), batch_size=_BATCH)
    if changed:  # a subscription is a state, so its newest export wins
        Subscription.objects.bulk_update(changed, list(values), batch_size=_BATCH)
    return len(new) + len(changed)


def _invoices(found: Preview, made: BillingImport, customers: dict[str, int]) -> int:
    lines: dict[str, list[tuple[int, LineRecord]]] = {}
    for number, record in found.records:
        if isinstance(record, LineRecord):
            lines.setdefault(record.invoice_id, []).append((number, record))
    prints = {key: _fingerprint(astuple(r) for _, r in rows) for key, rows in lines.items()}
    known = dict(
        Invoice.objects.filter(external_id__in=lines).values_list("external_id", "fingerprint")
    )
    conflicts = [
        RowError(lines[key][0][0], f"invoice {key} is there already with other content")
        for key, mark in known.items()
        if prints[key] != mark
    ]
    if conflicts:
        raise ImportRefusedError(conflicts)
    new = {key: rows for key, rows in lines.items() if key not in known}
    _create_invoices(new, prints, made, customers)
    return sum(len(rows) for rows in new.values())


def _create_invoices(
    lines: dict[str, list[tuple[int, LineRecord]]],
    prints: dict[str, str],
    made: BillingImport,
    customers: dict[str, int],
) -> None:
    records = [record for rows in lines.values() for _, record in rows]
    plans = _plans(record.plan for record in records)
    subscriptions = dict(
        Subscription.objects.filter(
            external_id__in={record.subscription for record in records}
        ).values_list("external_id", "pk")
    )
    invoices = Invoice.objects.bulk_create(
        [
            Invoice(
                external_id=key,
                number=first.number,
                billing_customer_id=customers[first.customer.external_id],
                invoice_date=first.invoice_date,
                currency=first.currency,
                status=first.status,
                billing_import=made,
                fingerprint=prints[key],
            )
            for key, [(_, first), *_] in lines.items()
        ],
        batch_size=_BATCH,
    )
    ids = {invoice.external_id: invoice.pk for invoice in invoices}
    _link_credits(records, ids)
    InvoiceLine.objects.bulk_create(
        [
            InvoiceLine(
                invoice_id=ids[key],
                line_id=record.line_id,
                description=record.description[:500],
                plan_id=plans.get(record.plan),
                subscription_id=subscriptions.get(record.subscription),
                kind=record.kind,
                amount_minor=record.amount_minor,
                service_start=record.service_start,
                service_end=record.service_end,
                import_line=number,
            )
            for key, rows in lines.items()
            for number, record in rows
        ],
        batch_size=_BATCH,
    )


def _link_credits(records: list[LineRecord], ids: dict[str, int]) -> None:
    """Point credit notes at the invoice they credit, where it is known."""
    wanted = {record.invoice_id: record.credits for record in records if record.credits}
    known = dict(
        Invoice.objects.filter(external_id__in=wanted.values()).values_list("external_id", "pk")
    )
    for note, credited in wanted.items():
        if credited in known:
            Invoice.objects.filter(pk=ids[note]).update(credits_id=known[credited])
