"""A closed month compared before without a difference is compared again once something changes."""

import datetime as dt

import pytest
from django.db import transaction

from billing.closing import adjustments, verify_closed
from billing.closing.close import look_at_closed
from billing.margin import forget
from billing.margin.closed import books_of, changes
from billing.models import (
    BillingCustomer,
    CostPool,
    CostPoolAmount,
    Invoice,
    InvoiceLine,
)
from customers.models import Customer
from tests.billing.closed_months import close
from usage import cube
from usage.attribution import apply_rules
from usage.models import AttributionRule, Price, RuleCondition
from usage.revisions import Revisions

pytestmark = pytest.mark.django_db
SEP, OCT, NOV = (dt.date(2026, month, 1) for month in (9, 10, 11))


def compared_now():
    """What a look at the closed months finds: the same object where it was remembered."""
    revisions = Revisions.read()
    return changes(books_of(revisions), lambda days: cube.cube_files(period=days), revisions)


def borne():
    """What the first open month bears: by month and customer, after the look a close takes."""
    look_at_closed()
    return adjustments()


@pytest.fixture
def compared(send, event, prices):
    """Two closed months, compared, which found nothing."""
    for name in ("acme", "beta"):
        Customer.objects.create(external_id=name, name=name)
    months = {9: "old", 10: "new", 11: "new"}
    events = [
        event(id=f"{month}-{at}", time=f"2026-{month:02}-0{at}T10:00:00Z", feature=feature)
        for month, feature in months.items()
        for at in (3, 7)
    ]
    assert send(events).status_code == 200
    cube.fold()
    billed = BillingCustomer.objects.create(
        external_id="b", customer=Customer.objects.get(external_id="beta")
    )
    Invoice.objects.create(
        external_id="i", billing_customer=billed, currency="USD", status="PAID", invoice_date=SEP
    ).lines.create(amount_minor=90_01, service_start=SEP, service_end=dt.date(2026, 12, 1))
    CostPoolAmount.objects.create(
        pool=CostPool.objects.create(name="GPU", currency="USD"),
        amount_minor=100_01, service_start=SEP, service_end=dt.date(2026, 12, 1),
    )  # fmt: skip
    close(SEP)
    close(OCT)
    assert borne() == []


@pytest.fixture
def ways(send, event):
    """Ways to change September alone, each with the reason its adjustments give."""

    def late_event():
        send([event(id="late", time="2026-09-09T10:00:00Z", feature="old")])
        cube.fold()

    def back_dated_price():
        Price.objects.create(
            provider_code="openai", model="gpt-4o", token_class="output_tokens", per_million=20,
            valid_from=SEP, valid_to=OCT, kind="CONTRACTED",
        )  # fmt: skip

    def credit_note():
        InvoiceLine.objects.create(
            invoice=Invoice.objects.get(), line_id="2", kind="CREDIT", amount_minor=-10_00,
            service_start=SEP, service_end=OCT,
        )  # fmt: skip

    def rule():
        made = AttributionRule.objects.create(
            name="it was beta's", mode="OVERRIDES",
            customer=Customer.objects.get(external_id="beta"),
        )  # fmt: skip
        RuleCondition.objects.create(rule=made, field="feature_reference", values="old")
        apply_rules(reason="found out")

    return {
        late_event: "usage received", back_dated_price: "usage is priced",
        credit_note: "revenue changed", rule: "usage means",
    }  # fmt: skip


def test_nothing_that_changes_an_earlier_month_is_passed_over(compared, ways):
    for way, reason in ways.items():
        with transaction.atomic():
            way()
            found = borne()
            assert {row.month for row in found} == {"2026-09"}, way
            assert any(row.reason.startswith(reason) for row in found), way
            transaction.set_rollback(True)
    assert borne() == []
    for way in [*ways][1:]:  # without late usage, of which November's file has rows anyway
        way()
    found = borne()
    forget()
    assert found == borne()
    before = compared_now()
    close(NOV)
    after = compared_now()
    # November's file has corrections of September and nothing of October.
    again = {
        month.start: one is not before.earned.get(month) for month, one in after.earned.items()
    }
    assert again == {SEP: True, OCT: False, NOV: True}
    # What November froze as its corrections stands in no later month again.
    assert borne() == []
    assert verify_closed() == (3, [])
