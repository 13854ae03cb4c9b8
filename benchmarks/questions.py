"""What the report benchmark asks, and the changes of meaning it waits for."""

import datetime as dt
import time
from collections.abc import Callable, Iterator
from decimal import Decimal

from benchmarks.ledger import WHOLE
from billing.margin import margin
from customers.models import Customer, CustomerAlias
from tknops.calendar import Period
from usage.attribution import attribute
from usage.cube import fold, verify
from usage.models import Price

MONTH = Period(dt.date(2026, 5, 1), dt.date(2026, 6, 1))
DAYS = Period(dt.date(2026, 5, 1), dt.date(2026, 5, 31))
QUESTIONS = (
    ("customer, 1 month", ("customer",), MONTH),
    ("plan × month, 6 months", ("plan", "month"), WHOLE),
    ("feature × model × day, 30 days", ("feature", "model", "day"), DAYS),
    ("tag, 1 month", ("tag.release",), MONTH),
)


def changes() -> Iterator[tuple[str, float]]:
    """Make each change; yield what it was and the seconds until a report shows it."""
    before = margin(by=("customer",), period=MONTH)
    yield "a price, saved until margin by customer, 1 month shows it", _until(_reprice, before)
    before = margin(by=("customer",), period=MONTH)
    yield "an alias, attribute() until the report shows it", _until(_alias, before)
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


def _threshold() -> None:
    Price.objects.create(
        provider_code="p", model="model-12", token_class="input_tokens", threshold=200_000,
        per_million=40,
    )  # fmt: skip
