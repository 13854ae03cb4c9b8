"""The bridge's price effect by hand, case by case; what no record proves stays expansion."""

import csv
import datetime as dt
from decimal import Decimal
from fractions import Fraction

import pytest
from django.contrib.auth import get_user_model
from hypothesis import given, settings
from hypothesis import strategies as st

from billing.margin import by_changed_prices
from billing.models import (
    BillingCustomer,
    BillingImport,
    ExchangeRate,
    Invoice,
    InvoiceLine,
    Plan,
    PlanPrice,
    ReplacedRow,
    Subscription,
)
from billing.revenue.cycles import Cycle
from billing.revenue.priced import Stretch, price_effect
from billing.revenue.proven import is_whole
from customers.models import Customer, CustomerAttribute
from tknops.calendar import Period

SEPTEMBER = Period(dt.date(2026, 9, 1), dt.date(2026, 10, 1))
OCTOBER = Period(dt.date(2026, 10, 1), dt.date(2026, 11, 1))
STRETCHES = st.lists(
    st.builds(
        Stretch,
        days=st.just(OCTOBER),
        price=st.integers(1, 10**9).map(Fraction),
        recognised=st.integers(1, 10**9),
    ),
    min_size=1,
    max_size=4,
)


@settings(max_examples=50, deadline=None)
@given(before=STRETCHES, now=STRETCHES)
def test_revenue_less_the_price_effect_is_the_units_now_at_the_mean_price_before(before, now):
    def units(stretches):
        return sum(one.recognised / one.price for one in stretches)

    left = sum(one.recognised for one in now) - price_effect(before, now)
    mean = sum(one.recognised for one in before) / units(before)
    assert left == mean * units(now)


@settings(max_examples=50, deadline=None)
@given(price=st.integers(1, 10**9), was=st.integers(1, 10**9), now=st.integers(1, 10**9))
def test_one_price_has_no_effect_whatever_is_recognised(price, was, now):
    then, later = (Stretch(OCTOBER, Fraction(price), part) for part in (was, now))
    assert price_effect([then], [later]) == 0


@pytest.mark.parametrize(
    ("start", "end", "months", "whole"),
    [
        ("2026-01-31", "2026-02-28", 1, True),
        ("2026-02-28", "2026-03-31", 1, True),
        ("2026-01-15", "2027-01-15", 12, True),
        ("2026-01-15", "2026-02-14", 1, False),
    ],
)
def test_a_whole_interval_is_counted_from_either_end(start, end, months, whole):
    service = Period(dt.date.fromisoformat(start), dt.date.fromisoformat(end))
    assert is_whole(service, Cycle(months)) is whole


@pytest.fixture
def books(db):
    """A plan listed at 10 a seat, 12 from October; yearly 120, 132."""
    plan = Plan.objects.create(code="pro", name="Pro")
    for interval, was, now in (("MONTH", 10, 12), ("YEAR", 120, 132)):
        shared = {"plan": plan, "currency": "USD", "interval": interval}
        PlanPrice.objects.create(**shared, price=was, valid_to=OCTOBER.start)
        PlanPrice.objects.create(**shared, price=now, valid_from=OCTOBER.start)
    return Books(plan)


class Books:
    """Writes subscriptions and lines of customers."""

    def __init__(self, plan):
        self.plan = plan

    def account(self, name):
        owner, _ = Customer.objects.get_or_create(external_id=name, defaults={"name": name})
        return BillingCustomer.objects.get_or_create(
            external_id=name, defaults={"name": name, "customer": owner}
        )[0]

    def subscribe(self, name, start, end, price, seats, **more):
        return Subscription.objects.create(
            external_id=f"{name} {start}",
            billing_customer=self.account(name),
            plan=self.plan,
            price=price,
            quantity=seats,
            start_date=start,
            end_date=end,
            **{"currency": "USD", **more},
        )

    def state(self, subscription, **was):
        """Keep what a subscription was before an import changed it, as one of long ago did."""
        ReplacedRow.objects.create(
            billing_import=BillingImport.objects.create(file_name="f.csv"),
            table="billing_subscription",
            row_id=subscription.pk,
            before={"interval": "MONTH", **was},
        )

    def bill(self, name, start, end, minor, subscription=None, currency="USD", **more):
        count = InvoiceLine.objects.count()
        invoice = Invoice.objects.create(
            external_id=f"{name} {count}",
            billing_customer=self.account(name),
            invoice_date=start,
            currency=currency,
        )
        InvoiceLine.objects.create(
            invoice=invoice,
            plan=None if subscription else self.plan,
            subscription=subscription,
            amount_minor=minor,
            service_start=start,
            service_end=end,
            **more,
        )

    def months(self, name, was, now, subscription=None, **more):
        for period, minor in ((SEPTEMBER, was), (OCTOBER, now)):
            self.bill(name, period.start, period.end, minor, subscription, **more)


def effects(plans=()):
    return by_changed_prices(SEPTEMBER, OCTOBER, plans, None)


def test_prices_of_the_same_seats_are_told_from_seats(books):
    """What each case is, and its price effect in October, by hand."""
    start, middle, end = SEPTEMBER.start, dt.date(2026, 10, 16), OCTOBER.end
    # A renewal at another price: 10 seats, 100 then 130, contracted.
    books.subscribe("renews", start, OCTOBER.start, 100, 10)
    books.subscribe("renews", OCTOBER.start, None, 130, 10)
    # On 16 October: 15 days at 100, 16 at 124: 48.39 + 64.00; 64 × (1 − 100/124) = 12.387…
    books.subscribe("midmonth", start, middle, 100, 10)
    books.subscribe("midmonth", middle, None, 124, 10)
    # Two more seats at the same price each, and two more at another: not the same seats.
    books.subscribe("grows", start, OCTOBER.start, 100, 10)
    books.subscribe("grows", OCTOBER.start, None, 144, 12)
    # Billed at the list price of its 10 seats, which rose.
    books.months("listed", 10000, 12000, books.subscribe("listed", start, None, 120, 10))
    # No subscription: 5 × 10, then 5 × 12; and 6 × 10, then 10 × 12.
    books.months("plain", 5000, 6000)
    books.months("seats", 6000, 12000)
    # 100 then 115 of no subscription: no whole number of seats at 12.
    books.months("unproven", 10000, 11500)
    # Proven, but for a proration of the same plan.
    books.months("prorated", 10000, 12000, books.subscribe("prorated", start, None, 120, 10))
    books.bill("prorated", middle, end, -500)
    # A yearly line renewed at 132 a seat: October is R(31) of 13,200, 1121.10 → 11.21; 1.02 price.
    # Beside it a monthly seat: 2.
    books.months("yearly", 1000, 1200)
    books.bill("yearly", dt.date(2025, 10, 1), OCTOBER.start, 12000)
    books.bill("yearly", OCTOBER.start, dt.date(2027, 10, 1), 13200)
    # Another plan of as many seats: a state of the subscription, not a price.
    moves_up = books.subscribe("moves up", start, None, 300, 10)
    was = {"plan_id": Plan.objects.create(code="basic", name="Basic").pk, "price": 70}
    books.state(moves_up, quantity=10, **was)
    books.months("moves up", 7000, 30000, moves_up)
    # Usage is no price.
    books.months("usage", 10000, 12000, kind="USAGE")
    # Two at a time: which goes on as which is not known.
    books.months("twice", 10000, 12000)
    books.months("twice", 10000, 12000)
    found = effects()
    assert found.pop("midmonth") == Decimal("12.38709677419355")
    assert found.pop("yearly") == Decimal("3.01909090909091")
    assert found == {"renews": 30, "listed": 20, "plain": 10}
    assert effects(plans=["other"]) == {}


@pytest.mark.django_db
def test_the_overview_tells_prices_apart(import_bytes, client):
    """By hand, USD: 12.50 instead of 10 a seat, 10 seats: 25; 7 of usage are expansion.

    EUR: listed at 50, then 60, at 1.10, then 1.20: 10 × 1.20 are price, 50 × 0.10 currency.
    """
    head = "id,Customer ID,Plan,Currency,Interval,Amount,Status,Created (UTC),Quantity\n"
    for seat in ("10", "12.5"):
        row = f"sub_1,acme,pro,usd,month,{seat},active,2026-01-01,10\n"
        import_bytes((head + row).encode(), "stripe-subscriptions")
    eu = Plan.objects.create(code="eu", name="EU")
    for price, days in ((50, {"valid_to": OCTOBER.start}), (60, {"valid_from": OCTOBER.start})):
        PlanPrice.objects.create(plan=eu, price=price, currency="EUR", **days)
    for number in range(0, 61, 5):
        day = SEPTEMBER.start + dt.timedelta(number)
        rate = Decimal("1.20") if number >= 30 else Decimal("1.10")
        ExchangeRate.objects.create(base="EUR", quote="USD", date=day, rate=rate, source="t")
    lines = (
        "acme,I1,1,,sub_1,100,USD,2026-09-01,2026-10-01,2026-09-01,recurring,paid\n"
        "acme,I2,1,,sub_1,125,USD,2026-10-01,2026-11-01,2026-10-01,recurring,paid\n"
        "acme,I3,1,pro,,7,USD,2026-10-01,2026-11-01,2026-11-01,usage,paid\n"
        "birch,I4,1,eu,,50,EUR,2026-09-01,2026-10-01,2026-09-01,recurring,paid\n"
        "birch,I5,1,eu,,60,EUR,2026-10-01,2026-11-01,2026-10-01,recurring,paid\n"
    )
    import_bytes(
        b"external_customer_id,invoice_id,line_id,plan_code,subscription_id,amount,currency,"
        b"service_start,service_end,invoice_date,type,status\n" + lines.encode()
    )
    tier = {"name": "tier", "value": "gold"}
    for name, start in (("acme", None), ("birch", dt.date(2026, 9, 16))):
        owner = Customer.objects.create(external_id=name, name=name)
        BillingCustomer.objects.filter(external_id=name).update(customer=owner)
        CustomerAttribute.objects.create(customer=owner, valid_from=start, **tier)
    client.force_login(get_user_model().objects.create_superuser("boss"))

    def asked(query=""):
        address = f"/admin/overview?month=2026-10&format=csv&table=bridge{query}"
        rows = csv.reader(client.get(address).content.decode().splitlines())
        return {row[0]: Decimal(row[2]) for row in rows if row[1] == "revenue"}

    assert asked() == {"Expansion": 7, "Price": 37, "Currency": 5}
    assert asked("&plan=pro") == {"Expansion": 7, "Price": 25}
    # Birch was gold on half of September's days, 25 EUR: how much of the rest is price is unknown.
    assert asked("&customer.tier=gold") == {
        "Expansion": Decimal(7) + (60 - 25) * Decimal("1.20"), "Price": 25,
        "Currency": Decimal("2.5"),
    }  # fmt: skip
