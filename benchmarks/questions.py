"""What the report benchmark asks, and the changes of meaning it waits for."""

import datetime as dt
import itertools
import time
import uuid
from collections.abc import Callable, Iterator
from decimal import Decimal

import msgspec
from django.utils import timezone

from benchmarks.ledger import WHOLE
from billing.margin import margin
from customers.models import Customer, CustomerAlias
from tknops.calendar import Period
from usage.attribution import apply_rules, attribute
from usage.cube import fold, verify
from usage.ingest import Outcome, ingest
from usage.models import AttributionRule, Context, Price, Source

MONTH = Period(dt.date(2026, 5, 1), dt.date(2026, 6, 1))
DAYS = Period(dt.date(2026, 5, 1), dt.date(2026, 5, 31))
QUESTIONS = (
    ("customer, 1 month", ("customer",), MONTH),
    ("plan × month, 6 months", ("plan", "month"), WHOLE),
    ("feature × model × day, 30 days", ("feature", "model", "day"), DAYS),
    ("tag, 1 month", ("tag.release",), MONTH),
)
_EVENTS = 500
_releases = itertools.count()


def new_usage() -> None:
    """Take in and fold calls of the month asked for, of known contexts and of a few new ones."""
    contexts = Context.objects.order_by("pk")[:_EVENTS]
    release = next(_releases)
    events = [
        {
            "id": str(uuid.uuid4()), "time": "2026-05-20T10:00:00Z", "provider": "p",
            "model": context.sku.model, "customer": context.customer_reference,
            "feature": context.feature_reference, "environment": "production",
            "operation": "chat", "outcome": "ok", "user": context.user_reference.reference,
            "tags": context.tags if n % 10 else context.tags | {"release": f"new-{release}"},
            "usage": {"input_tokens": 100 + n, "output_tokens": 10},
        }
        for n, context in enumerate(contexts.select_related("sku", "user_reference"))
    ]  # fmt: skip
    result = ingest(
        msgspec.json.encode(events), source=Source.objects.get(), received_at=timezone.now()
    )
    if result.rejected or not result.count(Outcome.STORED):
        message = f"the new usage was not stored: {result.rejected[:1]}"
        raise AssertionError(message)
    fold()


def changes() -> Iterator[tuple[str, float]]:
    """Make each change; yield what it was and the seconds until a report shows it."""
    before = margin(by=("customer",), period=MONTH)
    yield "a price, saved until margin by customer, 1 month shows it", _until(_reprice, before)
    before = margin(by=("customer",), period=MONTH)
    yield "an alias, attribute() until the report shows it", _until(_alias, before)
    before = margin(by=("customer",), period=MONTH)
    yield "a rule over a tag, applied until the report shows it", _until(_rule, before)
    began = time.perf_counter()
    _threshold()
    fold()
    margin(by=("customer",), period=MONTH)
    yield "a price with a new threshold, re-folded until the report", time.perf_counter() - began
    if differences := verify():
        message = f"after the re-fold the cube is not the ledger: {differences[:3]}"
        raise AssertionError(message)


def _until(change: Callable[[], None], before: object) -> float:
    began = time.perf_counter()
    change()
    after = margin(by=("customer",), period=MONTH)
    taken = time.perf_counter() - began
    if after == before:
        message = "the report does not show the change"
        raise AssertionError(message)
    return taken


def _reprice() -> None:
    price = Price.objects.get(model="model-10", token_class="output_tokens")
    price.per_million += Decimal("0.0000000001")
    price.save()


def _alias() -> None:
    """Give the largest unknown reference to a known customer."""
    customer = Customer.objects.get(external_id="customer-0")
    CustomerAlias.objects.create(customer=customer, alias="customer-9")
    attribute(reason="benchmark")


def _rule() -> None:
    """Give all calls of a channel to one customer, whoever they said."""
    rule = AttributionRule.objects.create(
        name="channel 2", position=1, mode=AttributionRule.Mode.OVERRIDES,
        customer=Customer.objects.get(external_id="customer-1"),
    )  # fmt: skip
    rule.conditions.create(field="tag", tag_key="channel", operator="EQUALS", values="2")
    apply_rules(reason="benchmark")


def _threshold() -> None:
    Price.objects.create(
        provider_code="p", model="model-12", token_class="input_tokens", threshold=200_000,
        per_million=40,
    )  # fmt: skip
