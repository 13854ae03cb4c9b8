"""Closing months: figures before and after, adjustments, order, guards, opening again."""

import datetime as dt
from decimal import Decimal

import pytest

from billing.closing import (
    adjustments,
    checked,
    close_month,
    reopen_month,
    sign,
    verify_closed,
)
from billing.margin import margin
from billing.models import AllocationRule, CostPool, CostPoolAmount, MonthClose
from customers.models import Customer, CustomerAlias, CustomerAttribute
from tknops.calendar import Period
from usage import cube
from usage.models import Price

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 12, 3, 12, tzinfo=dt.UTC)
SEP, OCT, NOV = (dt.date(2026, month, 1) for month in (9, 10, 11))
OCTOBER = Period(OCT, NOV)
ALL = Period(dt.date(2026, 8, 15), dt.date(2026, 12, 20))


@pytest.fixture
def company(send, event, prices):
    """Three customers, one with two plans, on usage of three months; a pool shared by cost."""
    events = []
    for number in range(60):
        day = dt.date(2026, 9, 1) + dt.timedelta(days=(number * 7) % 88)
        events.append(
            event(
                id=f"e-{number}",
                time=f"{day}T{number % 24:02}:30:00Z",
                customer=("acme", "beta", "nobody")[number % 3],
                user=f"u{number % 4}",
                feature=("chat", "search")[number % 2],
                model=("gpt-4o", "gpt-4o", "mystery")[number % 3] if number % 5 else "gpt-4o",
                tags={"release": f"v{number % 2}"},
                usage={"input_tokens": 1000 + number, "output_tokens": 7 * number},
                cost={"amount": f"0.0{number:02}1", "currency": ("USD", "EUR")[number % 2]},
            )
        )
    assert send(events).status_code == 200
    for name in ("acme", "beta"):
        Customer.objects.create(external_id=name, name=name.title())
    CustomerAttribute.objects.create(
        customer=Customer.objects.get(external_id="acme"),
        name="tier",
        value="gold",
        valid_to=dt.date(2026, 10, 12),
    )
    subscriptions()
    pool = CostPool.objects.create(name="GPU", currency="USD")
    CostPoolAmount.objects.create(
        pool=pool, amount_minor=100_001, service_start=SEP, service_end=dt.date(2026, 12, 7)
    )
    AllocationRule.objects.create(pool=pool, reason="by cost")
    cube.fold()


def subscriptions():
    from billing.models import BillingCustomer, Invoice, InvoiceLine, Plan, Subscription

    billed = {
        name: BillingCustomer.objects.create(
            external_id=name, customer=Customer.objects.get(external_id=name)
        )
        for name in ("acme", "beta")
    }
    plans = [Plan.objects.create(code=code, name=code) for code in ("pro", "team")]
    for number, plan in enumerate(plans):
        Subscription.objects.create(
            external_id=f"s{number}",
            billing_customer=billed["acme"],
            plan=plan,
            price=Decimal("99.99") + number,
            currency="USD",
            start_date=dt.date(2026, 8, 20),
        )
    for currency, amount in (("USD", 90_01), ("EUR", 500)):
        invoice = Invoice.objects.create(
            external_id=f"i-{currency}",
            billing_customer=billed["beta"],
            currency=currency,
            status="PAID",
            invoice_date=dt.date(2026, 9, 10),
        )
        InvoiceLine.objects.create(
            invoice=invoice,
            kind="RECURRING",
            amount_minor=amount,
            service_start=dt.date(2026, 9, 10),
            service_end=dt.date(2026, 12, 10),
        )


SPLIT = Period(dt.date(2026, 9, 20), dt.date(2026, 10, 13))
# by, filters, period, basis: each dimension's way to its label, each side of the close.
QUESTIONS = [
    ((), {}, OCTOBER, "contracted"),
    (("customer", "plan", "month"), {}, ALL, "contracted"),
    (("customer", "day"), {"customer.tier": ["gold"]}, SPLIT, "contracted"),
    (("feature", "model"), {"month": ["2026-10"]}, ALL, "list"),
    (("end_user", "week"), {}, ALL, "stated"),
    (("tag.release", "customer.tier"), {}, ALL, "contracted"),
    (("customer_group", "cost_class", "terms"), {"customer": ["acme"]}, ALL, "contracted"),
    (("plan",), {"feature": ["chat"]}, ALL, "contracted"),
    (("quarter", "charge_class"), {}, ALL, "stated"),
    (("tag.unknown", "customer.later", "user_reference"), {}, SPLIT, "contracted"),
    (("team",), {"tag.release": ["v1"], "plan": ["pro"]}, ALL, "contracted"),
]  # fmt: skip


def told(questions=QUESTIONS):
    """Every figure of many questions, as they are given out."""
    found = {}
    for at, (by, filters, period, basis) in enumerate(questions):
        report = margin(by=by, filters=filters, period=period, basis=basis)
        found[at] = (
            report.rows, report.total, report.unconverted, report.unconverted_allocated
        )  # fmt: skip
    return found


def close(month):
    for one in checked(month):
        if not one.settled:
            sign(month=month, name=one.check.name, note="known", signed_name="Kim")
    return close_month(month=month, now=NOW)


def same(before, after):
    assert before.keys() == after.keys()
    for question, figures in before.items():
        assert figures == after[question], question


def test_reports_say_the_same_before_and_after_a_close(company):
    before = told()
    close(SEP)
    same(before, told())
    close(OCT)
    same(before, told())
    assert verify_closed() == (2, [])


def test_what_changes_after_a_close_stands_in_the_open_month_only(company, send, event):
    close(SEP)
    close(OCT)
    past = [(by, chosen, Period(SEP, NOV), basis) for by, chosen, _, basis in QUESTIONS]
    closed = told(past)
    november = Period(NOV, dt.date(2026, 12, 1))
    before = margin(by=["customer"], period=november).total
    Price.objects.filter(token_class="output_tokens").update(per_million=Decimal(20))
    CustomerAlias.objects.create(customer=Customer.objects.get(external_id="beta"), alias="nobody")
    CustomerAttribute.objects.filter(name="tier").update(value="silver")
    from billing.models import InvoiceLine

    InvoiceLine.objects.filter(amount_minor=90_01).update(amount_minor=50_01)
    answer = send([event(id="late", time="2026-10-09T10:00:00Z", customer="acme")])
    assert answer.json()["results"] == [
        {"index": 0, "id": "late", "status": "stored", "late": True}
    ]
    cube.fold()
    same(closed, told(past))
    after = margin(by=["customer"], period=november).total
    assert after.revenue != before.revenue
    late = margin(by=["day"], period=november, filters={"charge_class": ["late usage"]})
    assert [(row.key, row.events) for row in late.rows] == [(("2026-11-01",), 1)]
    assert {row.reason.split(":")[0] for row in adjustments()} >= {
        "usage received after the close", "usage is priced otherwise", "revenue changed",
    }  # fmt: skip
    # All months together say what today's meaning says, closed or not.
    totals = [(by, {}, ALL, basis) for by, _, _, basis in QUESTIONS if "month" not in by]
    everything = told(totals)
    reopen_month(month=OCT, reason="to compare", now=NOW)
    reopen_month(month=SEP, reason="to compare", now=NOW)
    for at, (_, total, *_) in told(totals).items():
        held = everything[at][1]
        for name in ("revenue", "cost", "cost_of_revenue", "allocated_cost", "tokens", "events"):
            assert getattr(held, name) == getattr(total, name), (totals[at], name)
    before = told()
    close(SEP)
    close(OCT)
    same(before, told())
    assert [(c.month, c.revision) for c in MonthClose.objects.order_by("pk")] == [
        (SEP, 1), (OCT, 1), (SEP, 2), (OCT, 2),
    ]  # fmt: skip
    assert verify_closed() == (4, [])


def test_a_month_with_adjustments_closes_with_the_figures_it_had(company, send, event):
    close(SEP)
    Price.objects.filter(token_class="output_tokens").update(per_million=Decimal(20))
    CustomerAlias.objects.create(customer=Customer.objects.get(external_id="beta"), alias="nobody")
    send([event(id="late", time="2026-09-09T10:00:00Z", customer="acme", model="mystery")])
    cube.fold()
    before = told()
    close(OCT)
    same(before, told())
    Price.objects.filter(token_class="output_tokens").update(per_million=Decimal(30))
    before = told()
    close(NOV)
    same(before, told())
    assert verify_closed() == (3, [])
