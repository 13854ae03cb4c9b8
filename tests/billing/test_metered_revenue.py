"""Prepaid credits drawn by usage and usage accrued before it is billed, from events on."""

import datetime as dt

import pytest
from django.db import IntegrityError, connection, transaction

from billing.margin import deferred, margin
from billing.models import (
    BillingCustomer,
    InvoiceSplit,
    Plan,
    RecognitionPolicy,
    Subscription,
    SubscriptionPause,
)
from customers.models import Customer
from tknops.calendar import Period
from usage.cube import fold

pytestmark = pytest.mark.django_db
HEAD = (
    "external_customer_id,invoice_id,plan_code,amount,currency,service_start,service_end,"
    "invoice_date,type,status,credited_invoice_id\n"
)
WHOLE = Period(dt.date(2026, 7, 1), dt.date(2027, 1, 1))


@pytest.fixture
def bill(import_bytes):
    def do(*rows):
        Customer.objects.get_or_create(external_id="acme", defaults={"name": "Acme"})
        return import_bytes((HEAD + "\n".join(rows)).encode())

    return do


@pytest.fixture
def call(send, event):
    """Send so many calls of 1,000 tokens on days, and fold them."""

    def do(**counts):
        events = [
            event(id=f"{day}-{n}", time=f"2026-{day[1:3]}-{day[3:]}T12:00:00Z",
                  usage={"input_tokens": 900, "output_tokens": 100})
            for day, count in counts.items()
            for n in range(count)
        ]  # fmt: skip
        assert send(events).status_code == 200
        fold()

    return do


def policy(plan, **fields):
    return RecognitionPolicy.objects.create(
        plan=Plan.objects.get_or_create(code=plan, defaults={"name": plan})[0], reason="test",
        **fields,
    )  # fmt: skip


def revenue():
    report = margin(by=["month"], period=WHOLE)
    return {
        row.key[0][5:]: {basis: int(amount * 100) for basis, amount in row.by_basis.items()}
        for row in report.rows
        if row.revenue
    }


def closings():
    [months] = deferred(WHOLE).by_key.values()
    return [month.closing for month in months]


# 10.00 buys credits; a call costs 1.00 (1,000,000.00 per million calls).
CREDITS = "acme,I1,credits,10,USD,,,2026-07-05,one_time,paid,"
CALL = {"unit_price": 1_000_000, "currency": "USD"}


@pytest.mark.parametrize(
    ("fields", "months", "left"),
    [
        # 3 in July, 2 in August; what is left stays deferred for ever.
        ({"prepaid": "KEPT"}, {"07": 300, "08": 200}, [700, 500, 500, 500, 500, 500]),
        # What is left expires on 5 October.
        (
            {"prepaid": "AT_EXPIRY", "expiry_months": 3},
            {"07": 300, "08": 200, "10": 500},
            [700, 500, 500, 0, 0, 0],
        ),
        # A fifth is never drawn: each call earns 1.25.
        (
            {"prepaid": "PROPORTIONAL", "breakage_pct": 20, "expiry_months": 3},
            {"07": 375, "08": 250, "10": 375},
            [625, 375, 375, 0, 0, 0],
        ),
        # By tokens: 1,000 a call at 2,000 per million are 2.00.
        (
            {"prepaid": "KEPT", "measure": "TOKENS", "unit_price": 2000},
            {"07": 600, "08": 400},
            [400, 0, 0, 0, 0, 0],
        ),
    ],
)
def test_prepaid_credits_are_earned_as_usage_draws_them(bill, call, fields, months, left):
    bill(CREDITS)
    policy("credits", **{**CALL, **fields})
    call(d0704=1, d0706=3, d0820=2)  # the first call came before the credits
    assert revenue() == {month: {"invoiced": amount} for month, amount in months.items()}
    assert closings() == left


def test_the_oldest_credits_are_drawn_first_and_no_more_than_there_are(bill, call):
    policy("credits", prepaid="AT_EXPIRY", expiry_months=12, **CALL)
    bill(CREDITS.replace(",10,", ",2,"), CREDITS.replace("I1", "I2").replace("-07-", "-08-"))
    call(d0706=5, d0820=4)
    assert revenue() == {"07": {"invoiced": 200}, "08": {"invoiced": 400}}


def test_a_credit_note_takes_from_the_credits_that_are_left(bill, call):
    policy("credits", prepaid="KEPT", **CALL)
    bill(CREDITS, "acme,N1,credits,-8,USD,,,2026-07-20,credit,paid,I1")
    call(d0706=3, d0820=2)  # 3.00 drawn: of the 8.00 taken back 7.00 were left
    assert revenue() == {"07": {"invoiced": 200}}
    assert closings() == [0] * 6


def test_credits_in_a_currency_without_a_price_are_not_drawn(bill, call):
    policy("credits", prepaid="KEPT", **(CALL | {"currency": "EUR"}))
    bill(CREDITS)
    call(d0706=3)
    assert revenue() == {}
    assert closings() == [1000] * 6


USAGE = "acme,U{0},metered,{1},USD,2026-{0}-01,2026-{2}-01,2026-{2}-03,usage,paid,"


def test_usage_is_accrued_at_the_rate_of_the_last_billed_usage(bill, call):
    """July billed 4.00 for 4 calls; 3 in August and 2 in September are not billed yet."""
    bill(USAGE.format("07", 4, "08"))
    call(d0710=4, d0805=3, d0911=2)
    assert revenue() == {"07": {"invoiced": 400}}  # off until a policy says otherwise
    policy("metered", accrual="LAST_RATE")
    assert revenue() == {"07": {"invoiced": 400}, "08": {"accrued": 300}, "09": {"accrued": 200}}
    # August's bill takes the place of its estimate, and sets the rate for September: 2.00 a call.
    bill(USAGE.format("08", 6, "09"))
    assert revenue() == {"07": {"invoiced": 400}, "08": {"invoiced": 600}, "09": {"accrued": 400}}
    assert closings() == [-400, -600, 0, 0, 0, 0]  # an estimate is no part of what is invoiced


def test_an_estimate_is_the_same_however_the_days_are_cut(bill, call):
    """A third of a cent a call, rounded over the whole: 1, 2, 3 calls reach 0.33, 1 and 2 cents."""
    bill("acme,U1,metered,0.01,USD,2026-07-01,2026-08-01,2026-08-02,usage,paid,")
    policy("metered", accrual="LAST_RATE")
    call(d0710=3, d0805=1, d0806=2, d0807=3)
    period = Period(dt.date(2026, 8, 1), dt.date(2026, 9, 1))
    days = margin(by=["day"], period=period)
    assert [int(row.revenue * 100) for row in days.rows if row.revenue] == [1, 1]
    assert (days.total.revenue * 100, days.total.basis) == (2, "accrued")
    assert margin(by=[], period=period).total.accrued_revenue * 100 == 2


def test_usage_is_accrued_at_the_unit_price_while_the_subscription_runs(bill, call):
    bill("acme,S1,metered,31,USD,2026-08-01,2026-09-01,2026-08-01,recurring,paid,")
    subscription = Subscription.objects.create(
        external_id="s1", billing_customer=BillingCustomer.objects.get(),
        plan=Plan.objects.get(), price=31, currency="USD", start_date="2026-08-01",
        end_date="2026-09-01",
    )  # fmt: skip
    policy("metered", accrual="UNIT_PRICE", **CALL)
    call(d0710=1, d0805=2, d0911=4)
    assert revenue() == {"08": {"invoiced": 3100, "accrued": 200}}
    assert subscription.plan.policies.count() == 1
    report = margin(by=["customer"], period=WHOLE)
    assert [row.basis for row in report.rows] == ["mixed"]


def subscribe(plan, price):
    return Subscription.objects.create(
        external_id=plan, billing_customer=BillingCustomer.objects.get(), price=price,
        plan=Plan.objects.get_or_create(code=plan, defaults={"name": plan})[0], currency="USD",
        start_date="2026-07-01", end_date="2026-08-01",
    )  # fmt: skip


# A customer on a flat plan of 93 a month, and 20 calls in July at 1.00 each.
@pytest.mark.parametrize(
    ("beside", "accrued"),
    [
        # The metered plan contracts 31 of 124 a month: a quarter of the usage, as of the cost.
        ({"metered": 31}, [500]),
        # It contracts nothing: nothing says which usage is its own, and no other plan claims any.
        ({"metered": 0}, [2000]),
        # Two metered plans of 31: a fifth each, 4 calls.
        ({"metered": 31, "other": 31}, [400, 400]),
        # One of them contracts nothing: all but the quarter of the other.
        ({"metered": 31, "other": 0}, [500, 1500]),
    ],
)
def test_a_customer_on_several_plans_accrues_each_plans_share(bill, call, beside, accrued):
    bill("acme,S1,flat,0,USD,2026-06-01,2026-06-02,2026-06-01,recurring,paid,")
    subscribe("flat", 93)
    for plan, price in beside.items():
        policy(plan, accrual="UNIT_PRICE", **CALL)
        subscribe(plan, price)
    call(d0706=20)
    rows = margin(by=["plan"], period=WHOLE).rows
    found = [int(row.accrued_revenue * 100) for row in rows if row.accrued_revenue]
    assert sorted(found) == accrued


# Two plans contract nothing beside a flat one of 93; 20 calls of 1,000 tokens on 6 July, then 5.
@pytest.mark.parametrize(
    ("one", "other", "accrued"),
    [
        # The same calls at 1.00 and 2.00: the plan that began first accrues them, 25 × 1.00.
        ({}, {"unit_price": 2_000_000}, {"one": 2500}),
        # From 10 July on only the other runs: 20 × 1.00, then 5 × 2.00.
        ({"end": "2026-07-10"}, {"unit_price": 2_000_000}, {"one": 2000, "other": 1000}),
        # Calls and tokens are two things: 25 × 1.00 and 25,000 × 0.01.
        ({}, {"unit_price": 10_000, "measure": "TOKENS"}, {"one": 2500, "other": 25_000}),
        # The one that began later is first where the other's policy is not in force yet: 20 × 2.00.
        ({"valid_from": "2026-07-10"}, {"unit_price": 2_000_000}, {"one": 500, "other": 4000}),
    ],
)
def test_usage_that_no_plan_has_a_share_of_is_accrued_once(
    bill, call, admin_client, one, other, accrued
):
    bill("acme,S1,flat,0,USD,2026-06-01,2026-06-02,2026-06-01,recurring,paid,")
    subscribe("flat", 93)
    for plan, day, fields in (("one", "2026-07-01", dict(one)), ("other", "2026-07-03", other)):
        made = subscribe(plan, 0)
        made.start_date, made.end_date = day, fields.pop("end", "2026-08-01")
        made.save()
        policy(plan, accrual="UNIT_PRICE", **(CALL | fields))
    call(d0706=20, d0720=5)
    rows = margin(by=["plan"], period=WHOLE).rows
    found = {r.key[0]: int(r.accrued_revenue * 100) for r in rows if r.accrued_revenue}
    assert found == accrued
    if not one:
        page = admin_client.get("/admin/customer/acme?month=2026-07").content.decode()
        said = "usage in calls is accrued by one, there since 2026-07-01, not by other as well"
        assert (said in page) == ("measure" not in other)


def test_two_accounts_of_a_customer_on_one_plan_accrue_its_usage_once(bill, call):
    bill("acme,S1,metered,0,USD,2026-06-01,2026-06-02,2026-06-01,recurring,paid,")
    policy("metered", accrual="UNIT_PRICE", **CALL)
    made = subscribe("metered", 31)
    second = BillingCustomer.objects.create(external_id="b", customer=Customer.objects.get())
    Subscription.objects.create(
        external_id="second", billing_customer=second, plan=made.plan, price=31, currency="USD",
        start_date="2026-07-01", end_date="2026-08-01",
    )  # fmt: skip
    call(d0706=10)
    assert revenue() == {"07": {"contracted": 6200, "accrued": 1000}}


def test_bills_of_two_plans_are_each_repeated(bill, call):
    """July's 4 calls brought 4.00 on one plan and 2.00 on another; August's 3 bring 3.00 + 1.50."""
    bill(USAGE.format("07", 4, "08"), USAGE.format("07", 2, "08").replace("U07", "V").replace(
        "metered", "other"))  # fmt: skip
    policy("metered", accrual="LAST_RATE")
    policy("other", accrual="LAST_RATE")
    call(d0710=4, d0805=3)
    assert revenue() == {"07": {"invoiced": 600}, "08": {"accrued": 450}}


def test_credits_bought_once_are_drawn_by_what_no_metered_plan_has_a_share_of(bill, call):
    """Of 8 calls a quarter is the metered plan's, 2, so 6 of 10.00 credits are drawn."""
    bill(CREDITS)
    policy("credits", prepaid="KEPT", **CALL)
    policy("metered", accrual="UNIT_PRICE", **CALL)
    subscribe("flat", 93)
    subscribe("metered", 31)
    call(d0706=8)
    rows = margin(by=["plan"], period=WHOLE).rows
    found = {
        row.key[0]: [int((row.by_basis.get(basis) or 0) * 100) for basis in ("invoiced", "accrued")]
        for row in rows
    }
    assert (found["credits"], found["metered"]) == ([600, 0], [0, 200])


REFUSED = {
    "price_stated": {"prepaid": "KEPT"},
    "price_stated  ": {"prepaid": "KEPT", "currency": "USD"},
    "price_stated ": {"accrual": "UNIT_PRICE", "unit_price": 0, "currency": "USD"},
    "expiry_stated": {"prepaid": "AT_EXPIRY", **CALL},
    "breakage_stated": {"prepaid": "PROPORTIONAL", "breakage_pct": 100, **CALL},
    "choices_known": {"measure": "DAYS"},
    "term_above_0": {"one_off_months": 0},
    "ends_after_start": {"valid_from": "2026-02-01", "valid_to": "2026-02-01"},
}


@pytest.mark.parametrize("rule", REFUSED)
def test_a_policy_that_says_too_little_is_refused(rule):
    name = f"billing_recognitionpolicy_{rule.strip()}"
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        policy("pro", **REFUSED[rule])


@pytest.mark.parametrize(
    ("rule", "column"), [("price_not_nan", "unit_price"), ("breakage_not_nan", "breakage_pct")]
)
def test_a_policy_takes_no_nan(rule, column):
    policy("pro")
    change = f"UPDATE billing_recognitionpolicy SET {column} = 'NaN'"
    refused = pytest.raises(IntegrityError, match=f"billing_recognitionpolicy_{rule}")
    with connection.cursor() as cursor, refused, transaction.atomic():
        cursor.execute(change)


def test_dated_settings_do_not_overlap(bill):
    policy("pro", valid_from="2026-01-01")
    bill("acme,I1,pro,31,USD,2026-01-01,2026-02-01,2026-01-01,recurring,paid,")
    subscription = Subscription.objects.create(
        external_id="s1", billing_customer=BillingCustomer.objects.get(),
        plan=Plan.objects.get(), price=31, currency="USD", start_date="2026-08-01",
    )  # fmt: skip
    InvoiceSplit.objects.create(reason="first")
    SubscriptionPause.objects.create(subscription=subscription, valid_from="2026-09-01")
    for name, make in {
        "recognitionpolicy_no_overlap": lambda: policy("pro", valid_from="2026-05-01"),
        "invoicesplit_no_overlap": lambda: InvoiceSplit.objects.create(reason="second"),
        "invoicesplit_method_known": lambda: InvoiceSplit.objects.create(method="DICE"),
        "subscriptionpause_no_overlap": lambda: SubscriptionPause.objects.create(
            subscription=subscription, valid_from="2026-10-01"
        ),
        "subscriptionpause_ends_after_start": lambda: SubscriptionPause.objects.create(
            subscription=subscription, valid_from="2026-10-01", valid_to="2026-10-01"
        ),
        "invoicesplit_ends_after_start": lambda: InvoiceSplit.objects.create(
            valid_from="2026-10-01", valid_to="2026-09-01"
        ),
    }.items():
        with pytest.raises(IntegrityError, match=f"billing_{name}"), transaction.atomic():
            make()
