"""Figures computed by hand, through the promised interfaces."""

import datetime as dt
from decimal import Decimal

import pytest

from billing.importers import ImportRefusedError, undo_import
from billing.margin import margin
from billing.models import BillingCustomer, InvoiceLine, Plan, Subscription
from customers.models import Customer, CustomerAlias, CustomerAttribute
from tknops.calendar import Period
from usage.attribution import attribute
from usage.cube import fold

pytestmark = pytest.mark.django_db
HEAD = (
    "external_customer_id,invoice_id,line_id,plan_code,amount,currency,service_start,service_end,"
    "invoice_date,type,status,subscription_id,tax_mode,tax_amount,discount_amount\n"
)
OCTOBER = Period(dt.date(2026, 10, 1), dt.date(2026, 11, 1))


@pytest.fixture
def bill(import_bytes):
    return lambda *rows: import_bytes((HEAD + "\n".join(rows)).encode())


def revenue(start, end, by=("month",)):
    report = margin(by=by, period=Period(dt.date(*start), dt.date(*end)))
    return {row.key: row.revenue for row in report.rows}


def test_31_usd_from_15_january_for_a_month_is_17_and_14(bill):
    bill("acme,I1,1,pro,31,USD,2026-01-15,2026-02-15,2026-01-15,recurring,paid")
    assert revenue((2026, 1, 1), (2026, 3, 1)) == {("2026-01",): 17, ("2026-02",): 14}


def test_90_over_a_quarter_of_a_common_year_is_31_28_31(bill):
    bill("acme,I1,1,pro,90,USD,2026-01-01,2026-04-01,2026-01-01,recurring,paid")
    assert list(revenue((2026, 1, 1), (2026, 4, 1)).values()) == [31, 28, 31]


def test_another_currency_stays_unconverted(bill):
    bill("acme,I1,1,pro,100,JPY,2026-01-01,2026-02-01,2026-01-01,recurring,paid")
    report = margin(by=[], period=Period(dt.date(2026, 1, 1), dt.date(2026, 2, 1)))
    assert (report.total.revenue, report.unconverted) == (None, {"JPY": Decimal(100)})


def test_credit_note_is_negative_revenue_over_its_period(bill):
    bill(
        "acme,I1,1,pro,62,USD,2026-01-01,2026-03-04,2026-01-01,recurring,paid",
        "acme,C1,1,pro,-31,USD,2026-02-01,2026-03-04,2026-02-01,credit,paid",
    )
    assert revenue((2026, 1, 1), (2026, 3, 1)) == {("2026-01",): 31, ("2026-02",): 0}


def test_draft_void_and_uncollectible_invoices_do_not_count(bill):
    bill(*[
        f"acme,{s},1,pro,10,USD,2026-01-01,2026-02-01,2026-01-01,recurring,{s}"
        for s in ("draft", "void", "uncollectible", "open")
    ])  # fmt: skip
    assert revenue((2026, 1, 1), (2026, 2, 1)) == {("2026-01",): 10}


def test_inclusive_tax_and_discount_are_taken_out(bill):
    bill("acme,I1,1,pro,119,USD,2026-01-01,2026-02-01,2026-01-01,recurring,paid,,inclusive,19,10")
    assert revenue((2026, 1, 1), (2026, 2, 1)) == {("2026-01",): 90}


def test_annual_prepaid_of_a_leap_year_has_366_slices(bill):
    bill("acme,I1,1,pro,366,USD,2028-01-01,2029-01-01,2028-01-01,recurring,paid")
    days = revenue((2028, 2, 28), (2028, 3, 2), by=("day",))
    assert days == {("2028-02-28",): 1, ("2028-02-29",): 1, ("2028-03-01",): 1}


def test_one_time_line_without_period_counts_on_its_day(bill):
    bill("acme,I1,1,setup,500,USD,,,2026-01-20,one_time,paid")
    assert revenue((2026, 1, 1), (2026, 2, 1)) == {("2026-01",): 500}


def test_contracted_revenue_stands_in_where_no_invoice_is_and_never_beside_one(bill):
    bill("acme,I1,1,pro,30,USD,2026-06-01,2026-07-01,2026-06-01,recurring,paid,s1")
    Subscription.objects.create(
        external_id="s1", billing_customer=BillingCustomer.objects.get(), plan=Plan.objects.get(),
        price=31, currency="USD", start_date="2026-06-01",
    )  # fmt: skip
    report = margin(by=["month"], period=Period(dt.date(2026, 6, 1), dt.date(2026, 8, 1)))
    assert [(r.revenue, r.basis) for r in report.rows] == [(30, "invoiced"), (31, "contracted")]


def test_margin_of_a_customer_to_the_last_digit(bill, send, event, prices):
    """1,200 × 2.50 + 1,024 × 1.25 + 300 × 10 = 7,280 millionths of a dollar."""
    Customer.objects.create(external_id="acme", name="Acme")
    bill("acme,I1,1,pro,31,USD,2026-10-01,2026-11-01,2026-10-01,recurring,paid")
    send(event())
    fold()
    [row] = margin(by=["customer"], period=OCTOBER).rows
    assert (row.key, row.cost) == (("acme",), Decimal("0.00728"))
    assert (row.margin, row.margin_pct) == (Decimal("30.99272"), Decimal("99.9765"))


def test_unknown_model_is_unpriced_and_never_zero(send, event, prices):
    send([event(id="a"), event(id="b", model="nobody-knows")])
    fold()
    rows = {row.key[0]: row for row in margin(by=["model"], period=OCTOBER).rows}
    assert rows["nobody-knows"].cost is None
    assert (rows["nobody-knows"].unpriced_events, rows["nobody-knows"].unpriced_tokens) == (1, 2524)
    assert rows["gpt-4o"].cost == Decimal("0.00728")


def test_an_alias_attributes_usage_back_into_the_past(send, event, prices):
    send(event(customer="ACME-prod"))
    fold()
    assert [r.key for r in margin(by=["customer"], period=OCTOBER).rows] == [("(unattributed)",)]
    customer = Customer.objects.create(external_id="acme", name="Acme")
    CustomerAlias.objects.create(customer=customer, alias="ACME-prod")
    attribute(reason="test")
    assert [r.key for r in margin(by=["customer"], period=OCTOBER).rows] == [("acme",)]


def test_dated_attribute_splits_cost_and_revenue_on_its_day(bill, send, event, prices):
    customer = Customer.objects.create(external_id="acme", name="Acme")
    for value, start, end in (("small", None, "2026-10-11"), ("big", "2026-10-11", None)):
        CustomerAttribute.objects.create(
            customer=customer, name="tier", value=value, valid_from=start, valid_to=end
        )
    bill("acme,I1,1,pro,31,USD,2026-10-01,2026-11-01,2026-10-01,recurring,paid")
    send([event(id="a"), event(id="b", time="2026-10-11T00:00:00Z")])
    fold()
    report = margin(by=["customer.tier"], period=OCTOBER)
    found = {row.key[0]: (row.revenue, row.events) for row in report.rows}
    assert found == {"small": (10, 1), "big": (21, 1)}


def test_a_part_of_a_minor_unit_is_refused_and_never_cut_off(stage_bytes):
    head = HEAD.strip() + ",amount_unit\n"
    row = "acme,I1,1,pro,{},USD,2026-01-01,2026-02-01,2026-01-01,recurring,paid,,,,,minor"
    [error] = stage_bytes((head + row.format("1250.5")).encode()).errors
    assert "1250.5 is not a whole number" in error["message"]
    assert stage_bytes((head + row.format("1250")).encode()).staged.get().amount_minor == 1250


@pytest.mark.parametrize(
    ("amount", "seats", "monthly"), [("0.005", "3", "0.02"), ("5", "0", "0"), ("5", "", "5")]
)
def test_contracted_price_is_that_of_all_seats_rounded_half_up(
    import_bytes, amount, seats, monthly
):
    """3 seats at half a cent are 1.5 cents: 2. No seat pays nothing; seats not said are one."""
    content = (
        "id,Customer ID,Plan,Currency,Interval,Amount,Status,Created (UTC),Quantity\n"
        f"s1,acme,pro,USD,month,{amount},active,2026-01-01,{seats}\n"
    )
    import_bytes(content.encode(), profile="stripe-subscriptions")
    report = margin(by=[], period=Period(dt.date(2026, 1, 1), dt.date(2026, 2, 1)))
    assert report.total.revenue == Decimal(monthly)


def test_a_free_plan_beside_a_paid_one_takes_no_share_of_any_cost(send, event, prices):
    customer = Customer.objects.create(external_id="acme", name="Acme")
    billed = BillingCustomer.objects.create(external_id="acme", customer=customer)
    for code, price in (("a-free", 0), ("b", 100), ("c-free", 0)):
        plan = Plan.objects.create(code=code, name=code)
        Subscription.objects.create(
            external_id=code, billing_customer=billed, plan=plan, price=price, currency="USD",
            start_date="2026-10-01",
        )  # fmt: skip
    send(event(cost={"amount": "0.5", "currency": "USD"}))
    fold()
    report = margin(by=["plan"], period=OCTOBER)
    found = {row.key[0]: (row.events, row.stated_cost) for row in report.rows if row.events}
    assert found == {"b": (1, Decimal("0.5"))}
    assert report.total.stated_cost == Decimal("0.5")


def test_cost_is_of_the_plan_the_invoices_name_on_days_without_a_subscription(
    bill, send, event, prices
):
    """Billed 93 and 31 share 3 : 1; from the 11th on the subscription alone says it."""
    bill(
        "acme,I1,1,a,93,USD,2026-10-01,2026-11-01,2026-10-01,recurring,paid",
        "acme,I1,2,b,31,USD,2026-10-01,2026-11-01,2026-10-01,recurring,paid",
        "acme,I1,3,setup,500,USD,2026-10-01,2026-11-01,2026-10-01,one_time,paid",
    )
    billed = BillingCustomer.objects.get()
    billed.customer = Customer.objects.create(external_id="acme", name="Acme")
    billed.save()
    Subscription.objects.create(
        external_id="s1", billing_customer=billed, plan=Plan.objects.get(code="b"), price=31,
        currency="USD", start_date="2026-10-11",
    )  # fmt: skip
    usage = {"input_tokens": 1000}
    send([event(usage=usage), event(id="e-2", time="2026-10-11T00:00:00Z", usage=usage)])
    fold()
    found = {}
    for part in (OCTOBER, Period(OCTOBER.start, dt.date(2026, 10, 11))):
        for row in margin(by=["plan"], period=part).rows:
            if row.events or row.cost:
                found.setdefault(row.key[0], []).append(row.tokens["input_tokens"])
    assert found == {"a": [750, 750], "b": [1250, 250]}


def test_two_plans_share_cost_by_contracted_revenue(send, event, prices):
    customer = Customer.objects.create(external_id="acme", name="Acme")
    billed = BillingCustomer.objects.create(external_id="acme", customer=customer)
    for code, price in (("a", 300), ("b", 100)):
        plan = Plan.objects.create(code=code, name=code)
        Subscription.objects.create(
            external_id=code, billing_customer=billed, plan=plan, price=price, currency="USD",
            start_date="2026-10-01",
        )  # fmt: skip
    send(event(usage={"input_tokens": 1000}))
    fold()
    report = margin(by=["plan"], period=OCTOBER)
    found = {row.key[0]: (row.tokens["input_tokens"], row.cost, row.revenue) for row in report.rows}
    assert found == {"a": (750, Decimal("0.001875"), 300), "b": (250, Decimal("0.000625"), 100)}


def test_import_is_repeatable_and_undone_as_a_unit(bill):
    row = "acme,I1,1,pro,31,USD,2026-01-15,2026-02-15,2026-01-15,recurring,paid"
    made, again = bill(row), bill(row)
    assert (made.created, again.created, again.unchanged) == (1, 0, 1)
    undo_import(made=made, now=dt.datetime(2026, 3, 1, tzinfo=dt.UTC))
    assert not InvoiceLine.objects.exists()


def test_known_invoice_with_other_content_is_refused_and_nothing_written(bill):
    bill("acme,I1,1,pro,31,USD,2026-01-15,2026-02-15,2026-01-15,recurring,paid")
    with pytest.raises(ImportRefusedError, match="I1 is there already"):
        bill(
            "acme,I1,1,pro,99,USD,2026-01-15,2026-02-15,2026-01-15,recurring,paid",
            "acme,I2,1,pro,1,USD,2026-01-15,2026-02-15,2026-01-15,recurring,paid",
        )
    assert InvoiceLine.objects.get().amount_minor == 3100


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ("acme,I1,1,pro,x,USD,2026-01-01,2026-02-01,2026-01-01", "'x' is not a number"),
        ("acme,I1,1,pro,1,US$,2026-01-01,2026-02-01,2026-01-01", "not a currency code"),
        ("acme,I1,1,pro,1,USD,2026-02-01,2026-01-01,2026-01-01", "not after the service start"),
        ("acme,I1,1,pro,1,USD,3 April,2026-05-01,2026-01-01", "not a date like"),
        ("acme,I1,1,pro,100.50,JPY,2026-01-01,2026-02-01,2026-01-01", "more decimals than JPY"),
        (",I1,1,pro,1,USD,2026-01-01,2026-02-01,2026-01-01", "'external_customer_id' is empty"),
        ("acme,I1,1,pro,1.23E+10,USD,2026-01-01,2026-02-01,2026-01-01", "'1.23E+10' is not a num"),
        ("acme,I1,1,pro,1e99999999,USD,2026-01-01,2026-02-01,2026-01-01", "is not a number"),
        (f"acme,I1,1,pro,{'1' * 5000},USD,2026-01-01,2026-02-01,2026-01-01", "is not a number"),
        (
            "acme,I1,1,pro,123456789012345.00000000000000001,USD,2026-01-01,2026-02-01,2026-01-01",
            "more decimals than USD",
        ),
        ("acme,I1,1,pro,9,USD,2026-01-01,2026-02-01,2026-01-01,credit", "write it below 0"),
        ("acme,I1,1,pro,9,USD,2026-01-01,2026-02-01,2026-01-01,refund", "write it below 0"),
    ],
)
def test_a_bad_cell_is_named_with_its_line(stage_bytes, cells, words):
    made = stage_bytes((HEAD + cells).encode())
    [error] = made.errors
    assert (made.state, error["line"]) == ("REFUSED", 2)
    assert words in error["message"]


def test_stripe_invoice_is_total_less_tax_over_its_line_items(import_bytes):
    content = (
        b"id,Customer,Currency,Total,Tax,Status,Date (UTC),Period Start (UTC),Period End (UTC),"
        b"Minimum Line Item Period Start (UTC),Maximum Line Item Period End (UTC)\n"
        b"in_1,cus_1,usd,119.00,19.00,paid,2026-01-01 10:00,2025-12-01,2026-01-01,"
        b"2026-01-01 00:00,2026-02-01 00:00\n"
    )
    import_bytes(content, profile="stripe-invoices")
    assert revenue((2025, 12, 1), (2026, 3, 1)) == {("2026-01",): 100}
