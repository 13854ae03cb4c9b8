"""Records → staged rows: the columns a COPY writes."""

import json
from collections.abc import Iterator
from dataclasses import fields
from decimal import Decimal
from hashlib import blake2b
from operator import attrgetter
from typing import Any
from uuid import UUID

from django.db.models import CharField

from billing.importers.cells import CellError
from billing.importers.records import (
    CustomerRecord,
    Kept,
    LineRecord,
    ListedCustomer,
    PaymentRecord,
    SubscriptionRecord,
)
from billing.models import StagedRow
from tknops.money import EXACT

COLUMNS = tuple(field.attname for field in StagedRow._meta.concrete_fields if not field.primary_key)
_LIMITS = {
    field.attname: field.max_length
    for field in StagedRow._meta.concrete_fields
    if isinstance(field, CharField)
}
_PRICE_DECIMALS = 4
_MAX_MINOR = 10**15
_MAX_PRICE = 10**12
_MAX_QUANTITY = 10**9
# What marks a record besides its customer's id; getters, since dataclasses' own copy is slow.
_MARKED: dict[type, Any] = {
    kind: attrgetter(*(one.name for one in fields(kind) if one.name not in without))
    for kind, without in (
        (LineRecord, {"customer", "status"}),
        (SubscriptionRecord, {"customer"}),
        (PaymentRecord, {"customer"}),
    )
}
# Texts are NOT NULL in Django's way; the rest is NULL where the kind of row has none.
_EMPTY: dict[str, Any] = {name: "" if name in _LIMITS else None for name in COLUMNS}


def staged(import_id: int, line: int, record: Kept) -> tuple[Any, ...]:
    """Return the cells of a record in the order of COLUMNS. Raises CellError."""
    row = {
        **_EMPTY,
        "billing_import_id": import_id,
        "line": line,
        "digest": _digest(record),
        **dict(_cells(record)),
    }
    for name, limit in _LIMITS.items():
        _check_text(name, row[name], limit)
    return tuple(row[name] for name in COLUMNS)


def _digest(record: Kept) -> UUID:
    """Mark what a record says; an invoice is paid and its customer renamed, its lines stay."""
    if isinstance(record, CustomerRecord):
        said: tuple[Any, ...] = (record.external_id, record.name, record.email)
        if isinstance(record, ListedCustomer):
            said += record.metadata
    else:
        said = (record.customer.external_id, *_MARKED[type(record)](record))
    return UUID(bytes=blake2b(repr(said).encode(), digest_size=16).digest())


def _cells(record: Kept) -> Iterator[tuple[str, Any]]:
    customer = record if isinstance(record, CustomerRecord) else record.customer
    yield from (
        ("customer_id", customer.external_id),
        ("customer_name", customer.name),
        ("customer_email", customer.email),
    )
    if isinstance(customer, ListedCustomer):
        yield "customer_metadata", json.dumps(dict(customer.metadata))
    if isinstance(record, CustomerRecord):
        yield "kind", StagedRow.Kind.CUSTOMER.value
    elif isinstance(record, SubscriptionRecord):
        yield from _subscription(record)
    elif isinstance(record, PaymentRecord):
        yield from _payment(record)
    else:
        yield from _line(record)


def _subscription(record: SubscriptionRecord) -> Iterator[tuple[str, Any]]:
    for wrong, message in _wrong_with(record):
        if wrong:
            raise CellError(message)
    yield "kind", StagedRow.Kind.SUBSCRIPTION.value
    yield "subscription", record.external_id
    for name in (
        "plan", "price", "currency", "interval", "interval_count", "quantity", "status",
        "start_date", "trial_end_date", "end_date", "renews_date",
    ):  # fmt: skip
        yield name, getattr(record, name)


def _wrong_with(record: SubscriptionRecord) -> Iterator[tuple[bool, str]]:
    """List what the books would refuse of a subscription, each with its sentence."""
    price, end = record.price, record.end_date
    finest = price.scaleb(_PRICE_DECIMALS, context=EXACT)
    decimals = finest != finest.to_integral_value(context=EXACT)
    yield decimals, f"the price {price} has more than {_PRICE_DECIMALS} decimals"
    yield not 0 <= price <= _MAX_PRICE, f"the price {price} is not between 0 and {_MAX_PRICE:,}"
    seats = record.quantity
    yield (
        not 0 <= seats <= _MAX_QUANTITY,
        f"{seats:,} seats are not between 0 and {_MAX_QUANTITY:,}",
    )
    yield end is not None and end < record.start_date, f"it ends on {end}, before it starts"


def _payment(record: PaymentRecord) -> Iterator[tuple[str, Any]]:
    if not 0 < record.amount_minor <= _MAX_MINOR:
        message = f"{record.amount_minor:,} in minor units is not between 1 and {_MAX_MINOR:,}"
        raise CellError(message)
    yield "kind", StagedRow.Kind.PAYMENT.value
    yield "event_kind", record.kind
    yield "invoice_id", record.invoice
    yield "reference", str(record.amount_minor) if record.running else record.reference
    for name in ("charge", "occurred_on", "currency", "amount_minor", "fee_minor", "running"):
        yield name, getattr(record, name)


def _line(record: LineRecord) -> Iterator[tuple[str, Any]]:
    if abs(record.amount_minor) > _MAX_MINOR:
        amount = Decimal(record.amount_minor)
        message = f"the amount {amount:,} in minor units is beyond {_MAX_MINOR:,}"
        raise CellError(message)
    yield "kind", StagedRow.Kind.LINE.value
    yield "line_kind", record.kind
    yield "description", record.description[: _LIMITS["description"]]
    for name in (
        "invoice_id", "line_id", "number", "invoice_date", "currency", "status", "amount_minor",
        "service_start", "service_end", "plan", "subscription", "credits",
    ):  # fmt: skip
        yield name, getattr(record, name)


def _check_text(name: str, value: str, limit: int | None) -> None:
    what = name.replace("_", " ")
    if limit is not None and len(value) > limit:
        message = f"the {what} has {len(value):,} characters; at most {limit} are kept"
        raise CellError(message)
    if "\x00" in value:
        message = f"the {what} contains a NUL character"
        raise CellError(message)
