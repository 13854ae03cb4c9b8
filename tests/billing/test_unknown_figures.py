"""What is not known is never counted as 0, and money of two currencies is never one sum."""

import csv
import datetime as dt
import io
from decimal import Decimal

import pytest
from django.contrib.auth import get_user_model

from billing.margin import margin
from billing.models import BillingCustomer, Plan, Subscription
from billing.reports.join_health import unknown_references, unmatched_billing
from customers.models import Customer
from tknops.calendar import Period
from usage.cube import fold
from usage.models import Feature, Price

pytestmark = pytest.mark.django_db
OCTOBER = Period(dt.date(2026, 10, 1), dt.date(2026, 11, 1))
HEAD = (
    "external_customer_id,invoice_id,plan_code,amount,currency,invoice_date,service_start,"
    "service_end\n"
)


def row(customer, amount="31", currency="USD", plan="pro"):
    days = "2026-10-01,2026-10-01,2026-11-01"
    return f"{customer},I-{customer}-{currency},{plan},{amount},{currency},{days}\n"


@pytest.fixture
def table(client):
    client.force_login(get_user_model().objects.create_superuser("boss"))

    def read(name):
        answer = client.get(f"/admin/{name}?month=2026-10&format=csv")
        return list(csv.DictReader(io.StringIO(answer.content.decode())))

    return read


def test_an_account_without_any_price_is_not_a_free_one(table, send, event, prices, import_bytes):
    """Known: 10 M input tokens at 2.50 a million = 25; the other account's cost is not."""
    for key in ("known", "unknown"):
        Customer.objects.create(external_id=key, name=key)
    import_bytes((HEAD + row("known") + row("unknown")).encode())
    for billed in BillingCustomer.objects.all():
        Subscription.objects.create(
            external_id=billed.external_id, billing_customer=billed, plan=Plan.objects.get(),
            price=31, currency="USD", start_date="2026-10-01",
        )  # fmt: skip
    usage = {"input_tokens": 10**7}
    send([
        event(id="a", customer="known", usage=usage),
        event(id="b", customer="unknown", usage=usage, model="nobody-knows"),
    ])  # fmt: skip
    fold()
    pro = next(line for line in table("plans") if line["Plan"] == "pro")
    found = {name: pro[name] for name in ("Paying accounts", "Mean cost", "P50 cost", "P90 cost")}
    assert found == {"Paying accounts": "2", "Mean cost": "25", "P50 cost": "25", "P90 cost": "25"}


def test_cost_per_user_is_unknown_where_no_price_is(table, send, event, prices):
    Feature.objects.create(external_id="chat", name="Chat")
    send(event(feature="chat", user="u-1", model="nobody-knows"))
    fold()
    [chat, _total] = table("features")
    assert (chat["Active users"], chat["Cost per user"]) == ("1", "")


def test_unmatched_revenue_of_another_currency_is_unknown_not_dollars(import_bytes):
    import_bytes(
        (HEAD + row("yen", "100000", "JPY") + row("both", "900", "JPY") + row("both")).encode()
    )
    found = unmatched_billing(OCTOBER, unknown_references("customer", OCTOBER))
    assert {one.key: one.money for one in found.rows} == {"both": 31, "yen": None}
    assert found.total == 31


def test_totals_of_what_is_shown_keep_every_digit(table, client, send, event):
    """A price of 10 decimals × seconds of 6: 22 decimals, beside a cost above a million."""
    for model, per_million in (("dear", "9000000000"), ("fine", "0.0000000001")):
        Price.objects.create(
            provider_code="openai", model=model, token_class="units", unit="second",
            per_million=Decimal(per_million),
        )  # fmt: skip
        Customer.objects.create(external_id=model, name=f"Customer {model}")
    Customer.objects.create(external_id="none", name="Other")
    for model, units in (("dear", "1000"), ("fine", "0.000001"), ("none", "1")):
        usage = {"units": units, "unit": "second"}
        send(event(id=model, customer=model, model=model, usage=usage))
    fold()
    rows = table("customers")
    whole = Decimal("9000000.0000000000000000000001")
    assert Decimal(rows[-1]["Cost of revenue"]) == whole
    answer = client.get("/admin/customers?month=2026-10&q=customer&format=csv").content.decode()
    assert Decimal(list(csv.DictReader(io.StringIO(answer)))[-1]["Cost of revenue"]) == whole


def test_an_unknown_total_is_unknown_whatever_it_is_grouped_by(send, event, prices):
    """A call that used nothing costs 0; it does not make the cost of an unpriced one known."""
    send([
        event(id="a", model="unheard-of"),
        event(id="b", time="2026-10-06T00:00:00Z", usage={"input_tokens": 0}),
    ])  # fmt: skip
    fold()
    totals = [margin(by=by, period=OCTOBER).total.cost for by in ([], ["day"], ["model"])]
    assert totals == [None, None, None]


def test_a_plan_whose_part_of_a_call_is_none_still_shows_the_stated_cost_it_got(send, event):
    """A stated cost goes whole to the first plan, the one call by integers to the second."""
    billed = BillingCustomer.objects.create(
        external_id="b", customer=Customer.objects.create(external_id="acme", name="Acme")
    )
    for code in ("one", "two"):
        Subscription.objects.create(
            external_id=code, billing_customer=billed, price=Decimal(7), currency="USD",
            plan=Plan.objects.create(code=code, name=code), start_date=dt.date(2026, 10, 1),
        )  # fmt: skip
    send(event(usage={"input_tokens": 0}, cost={"amount": "0.01", "currency": "USD"}))
    fold()
    report = margin(by=["plan", "feature"], period=OCTOBER)
    stated = {row.key[0]: row.stated_cost for row in report.rows if row.key[1] != "(not split)"}
    assert stated == {"one": Decimal("0.01"), "two": None}
    assert report.total.stated_cost == Decimal("0.01")
