"""Prices by the day, week, month, quarter and year: contracted revenue and MRR by hand."""

import datetime as dt
from decimal import Decimal
from fractions import Fraction

import pytest
from django.db import IntegrityError, transaction

from billing.importers.cells import CellError
from billing.importers.stripe import charged_every
from billing.importers.stripe_api import read
from billing.margin import margin
from billing.models import BillingCustomer, Plan, PlanPrice, Subscription
from billing.reports.accounts import renewal
from billing.reports.mrr import mrr_book
from billing.revenue.cycles import Cycle, cycle_of
from billing.revenue.recognition import contracted
from customers.models import Customer
from tknops.calendar import Period, month_start, next_month

HEAD = "id,Customer ID,Plan,Currency,Interval,Amount,Status,Start (UTC)\n"


def month(day):
    start = month_start(dt.date.fromisoformat(day))
    return Period(start, next_month(start))


@pytest.mark.parametrize(
    ("interval", "count", "yearly"),
    [
        ("DAY", 1, 365),
        ("WEEK", 1, Fraction(365, 7)),
        ("WEEK", 2, Fraction(365, 14)),
        ("MONTH", 1, 12),
        ("MONTH", 3, 4),
        ("YEAR", 1, 1),
        ("YEAR", 2, Fraction(1, 2)),
    ],
)
def test_a_price_is_normalised_to_a_year(interval, count, yearly):
    assert cycle_of(PlanPrice(interval=interval, interval_count=count)).per_year == yearly


@pytest.mark.parametrize(
    ("cycle", "amount", "anchor", "months"),
    [
        # 90 a quarter over 31, 28 and again 31 days.
        (Cycle(3), 9000, "2026-01-01", {"2026-01-01": 3100, "2026-02-01": 2800}),
        # 70 a week are 10 a day, 3 a day are 3 a day, 28 every two weeks are 2 a day.
        (Cycle(0, 7), 7000, "2026-09-30", {"2026-10-01": 31_000, "2026-11-01": 30_000}),
        (Cycle(0, 1), 300, "2026-09-30", {"2026-10-01": 9_300}),
        (Cycle(0, 14), 2800, "2026-09-30", {"2026-10-01": 6_200}),
        # 731 days of two years hold a 29 February.
        (Cycle(24), 73100, "2028-01-01", {"2028-02-01": 2_900, "2029-02-01": 2_800}),
    ],
)  # fmt: skip
def test_contracted_revenue_of_a_month(cycle, amount, anchor, months):
    anchor = dt.date.fromisoformat(anchor)
    for day, expected in months.items():
        assert contracted(amount, cycle=cycle, anchor=anchor, bucket=month(day)) == expected


def test_each_week_sums_to_its_price_however_it_is_cut():
    """10.00 a week is 1.43 a day, rounded over the week: seven days are 1,000 cents again."""
    anchor, day = dt.date(2026, 1, 5), dt.timedelta(days=1)
    days = [
        contracted(
            1000,
            cycle=Cycle(0, 7),
            anchor=anchor,
            bucket=Period(anchor + n * day, anchor + (n + 1) * day),
        )
        for n in range(21)
    ]
    assert [sum(days[week : week + 7]) for week in (0, 7, 14)] == [1000, 1000, 1000]
    assert days[:7] == [143, 143, 143, 142, 143, 143, 143]


def test_weeks_and_quarters_of_an_export_earn_and_recur(import_bytes):
    """October 2026: 70 a week = 310, 92 a quarter of 92 days = 31, MRR 70 × 365 ÷ 84 and 92 ÷ 3."""
    import_bytes(
        (
            HEAD
            + "s1,acme,Weekly,usd,week,70,active,2026-09-28\n"
            + "s2,blue,Quarterly,usd,3 months,92,active,2026-10-01\n"
        ).encode(),
        "stripe-subscriptions",
    )
    for billed in BillingCustomer.objects.all():
        billed.customer = Customer.objects.create(external_id=billed.external_id)
        billed.save()
    rows = margin(by=["customer"], period=month("2026-10-01")).rows
    assert {row.key[0]: (row.revenue, row.basis) for row in rows} == {
        "acme": (310, "contracted"), "blue": (31, "contracted"),
    }  # fmt: skip
    assert mrr_book().mrr(dt.date(2026, 10, 31)) == {
        "acme": Fraction(70 * 365, 84),
        "blue": Fraction(92, 3),
    }
    weekly, quarterly = Subscription.objects.order_by("external_id")
    assert renewal(weekly, dt.date(2026, 10, 12)) == dt.date(2026, 10, 19)
    assert renewal(quarterly, dt.date(2026, 10, 12)) == dt.date(2027, 1, 1)
    assert (weekly.every, quarterly.every) == ("week", "3 months")


@pytest.mark.parametrize(
    ("said", "held"),
    [
        (("week", 1), ("WEEK", 1)),
        (("month", 3), ("MONTH", 3)),
        (("month", 12), ("YEAR", 1)),
        (("month", 24), ("YEAR", 2)),
    ],
)
def test_intervals_as_the_books_hold_them(said, held):
    assert charged_every(*said) == held


@pytest.mark.parametrize("said", [("fortnight", 1), ("month", 0), ("month", "3"), (None, 1)])
def test_an_interval_that_is_none_names_what_is_accepted(said):
    with pytest.raises(CellError, match="day, week, month, year"):
        charged_every(*said)


def test_items_at_several_intervals_are_no_contract():
    def item(interval):
        return {"price": {"id": "p", "currency": "usd", "unit_amount": 100,
                          "recurring": {"interval": interval, "interval_count": 1}}}  # fmt: skip

    found = {"object": "subscription", "id": "s", "customer": "c", "status": "active",
             "start_date": 1790812800,
             "items": {"data": [item("week"), item("month")]}}  # fmt: skip
    assert "several intervals" in next(read(found)).reason
    found["items"]["data"].pop()
    (made,) = read(found)
    assert (made.interval, made.interval_count, made.price) == ("WEEK", 1, Decimal(1))


@pytest.mark.django_db
@pytest.mark.parametrize("wrong", [{"interval": "CENTURY"[:5]}, {"interval_count": 0},
                                   {"interval_count": 1_097}])  # fmt: skip
def test_the_database_refuses_an_interval_that_is_none(wrong):
    plan = Plan.objects.create(code="pro", name="Pro")
    common = {"plan": plan, "price": 1, "currency": "USD"}
    with pytest.raises(IntegrityError, match="planprice_interval_known"), transaction.atomic():
        PlanPrice.objects.create(**common | wrong)
    billed = BillingCustomer.objects.create(external_id="c")
    with pytest.raises(IntegrityError, match="subscription_interval_known"), transaction.atomic():
        Subscription.objects.create(
            external_id="s", billing_customer=billed, start_date="2026-01-01", **common | wrong
        )


@pytest.mark.django_db
def test_a_plan_has_a_price_a_month_beside_one_a_quarter_and_no_two_a_quarter():
    plan = Plan.objects.create(code="pro", name="Pro")
    for count in (1, 3):
        PlanPrice.objects.create(plan=plan, price=1, currency="USD", interval_count=count)
    with pytest.raises(IntegrityError, match="month_no_overlap"), transaction.atomic():
        PlanPrice.objects.create(plan=plan, price=2, currency="USD", interval_count=3)
