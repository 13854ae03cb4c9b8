"""Currencies: rates as published, inverse and crossed, and the figures they convert, by hand."""

import datetime as dt
from decimal import Decimal
from fractions import Fraction

import pytest
from django.db import IntegrityError, transaction
from django.db.models.expressions import RawSQL
from django.utils import timezone
from hypothesis import given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st

from billing.margin import margin, rates_used
from billing.models import (
    AllocationRule,
    BillingCustomer,
    CostPool,
    CostPoolAmount,
    ExchangeRate,
    Plan,
    Subscription,
)
from billing.rates import RateTerms, enter, withdraw
from billing.rates.lookup import Published, Rate, Series, rate_of, rounded
from billing.trace import trace
from customers.models import Customer
from tests.billing.test_worked_examples import HEAD
from tknops.calendar import Period
from usage.cube import fold
from usage.models import Price, PriceAdjustment

OCTOBER = Period(dt.date(2026, 10, 1), dt.date(2026, 11, 1))
DAY = dt.date(2026, 10, 5)


def published(**rates):
    return {
        (pair[:3], pair[3:]): Published(number, Decimal(rate), f"bank {number}")
        for number, (pair, rate) in enumerate(rates.items(), start=1)
    }


def worth(base, quote, **rates):
    found = rate_of(base, quote, DAY, published(**rates))
    return found and (found.rate, found.how, found.source, found.made_of)


def test_a_rate_is_used_as_published_and_never_rounded():
    assert worth("EUR", "USD", EURUSD="1.123456789012") == (
        Decimal("1.123456789012"), "as published", "bank 1", (1,),
    )  # fmt: skip


def test_an_inverse_is_rounded_half_up_once_to_twelve_decimals():
    """1 ÷ 1.0832 = 0.92319054652880354…"""
    assert worth("USD", "EUR", EURUSD="1.0832")[:2] == (Decimal("0.923190546529"), "inverse")


def test_a_cross_rate_is_one_fraction_through_the_euro():
    """1 USD = 0.8605 ÷ 1.0832 GBP = 0.79440546528803…; by two roundings it would differ."""
    found = worth("USD", "GBP", EURUSD="1.0832", EURGBP="0.8605")
    assert found == (
        Decimal("0.794405465288"), "cross rate through EUR", "bank 1 and bank 2", (1, 2)
    )  # fmt: skip
    # 1 JPY = 7.4604 ÷ 161.34 DKK = 0.046240238006694…: rounding the inverse first gives …007228.
    assert worth("JPY", "DKK", EURJPY="161.34", EURDKK="7.4604")[0] == Decimal("0.046240238007")
    assert worth("GBP", "USD", GBPEUR="1.25", EURUSD="1.1")[0] == Decimal("1.375")


def test_the_pair_goes_before_its_inverse_and_that_before_a_cross_rate():
    known = {"EURUSD": "1.1", "EURGBP": "0.88", "GBPUSD": "1.3", "USDGBP": "0.7"}
    assert worth("USD", "GBP", **known)[0] == Decimal("0.7")
    del known["USDGBP"]
    assert worth("USD", "GBP", **known)[1] == "inverse"
    del known["GBPUSD"]
    assert worth("USD", "GBP", **known)[0] == Decimal("0.8")
    del known["EURGBP"]
    assert worth("USD", "GBP", **known) is None


@given(st.integers(1, 10**12), st.integers(1, 10**6))
@hypothesis(max_examples=50)
def test_rounding_is_half_up_and_within_half_a_digit(top, below):
    fraction = Fraction(top, below)
    found = Fraction(rounded(fraction))
    assert abs(found - fraction) <= Fraction(1, 2 * 10**12)
    assert found - fraction != Fraction(-1, 2 * 10**12)


def test_a_week_end_uses_friday_and_after_seven_days_there_is_no_rate():
    friday = dt.date(2026, 10, 2)
    made = [
        Rate("EUR", "USD", day, Decimal(rate), "ECB", "as published", ())
        for day, rate in ((friday, "1.1"), (dt.date(2026, 10, 14), "1.2"))
    ]
    series = Series(made)
    assert series.on(dt.date(2026, 10, 1)) is None
    assert [series.on(dt.date(2026, 10, day)) for day in (2, 3, 4, 9)] == [made[0]] * 4
    assert [series.on(dt.date(2026, 10, day)) for day in (10, 13)] == [None, None]
    assert series.on(dt.date(2026, 10, 14)) == made[1]
    assert {day.day for day in series.edges(OCTOBER)} == {2, 10, 14, 22}


def rate(pair, date, value, **more):
    terms = RateTerms(pair[:3], pair[3:], dt.date.fromisoformat(date), Decimal(value), "ECB")
    return enter(terms, now=timezone.now(), **more)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"rate": 0}, "above_zero"),
        ({"rate": -1}, "above_zero"),
        ({"rate": RawSQL("'NaN'::numeric", [])}, "not_nan"),
        ({"base": "usd"}, "currencies_are_codes"),
        ({"quote": "EUR"}, "of_two_currencies"),
        ({"source": ""}, "has_source"),
    ],
)
def test_the_database_refuses_what_is_no_rate(change, rule):
    rate("EURUSD", "2026-10-05", "1.1")
    with pytest.raises(IntegrityError, match=f"billing_exchangerate_{rule}"), transaction.atomic():
        ExchangeRate.objects.update(**change)


@pytest.mark.django_db
def test_a_correction_is_a_new_version_and_the_same_again_changes_nothing():
    first = rate("EURUSD", "2026-10-05", "1.1")
    assert rate("EURUSD", "2026-10-05", "1.10") == first
    second = rate("EURUSD", "2026-10-05", "1.2", reason="misread")
    first.refresh_from_db()
    assert first.superseded_at is not None
    assert (first.rate, second.rate, second.reason) == (Decimal("1.1"), Decimal("1.2"), "misread")
    with pytest.raises(IntegrityError, match="one_in_force"), transaction.atomic():
        ExchangeRate.objects.create(base="EUR", quote="USD", date="2026-10-05", rate=1, source="me")


@pytest.fixture
def bill(import_bytes):
    return lambda *rows: import_bytes((HEAD + "\n".join(rows)).encode())


def by_day(report):
    return {row.key[0][-2:]: row.revenue for row in report.rows}


@pytest.mark.django_db
def test_billed_in_advance_is_converted_at_the_invoice_date_and_arrears_at_the_last_day(bill):
    """Advance: 310 EUR at 1.10 of 1 October, 341. Arrears: 100 EUR at 1.20 of the 31st, 120."""
    rate("EURUSD", "2026-10-01", "1.10")
    rate("EURUSD", "2026-10-30", "1.20")
    rate("EURUSD", "2026-11-02", "1.90")
    bill(
        "a,I1,1,pro,310,EUR,2026-10-01,2026-11-01,2026-10-01,recurring,paid",
        "b,I2,1,pro,100,EUR,2026-10-01,2026-11-01,2026-11-02,usage,paid",
    )
    report = margin(by=["day"], period=OCTOBER)
    assert (report.total.revenue, report.unconverted) == (461, {})
    assert sum(row.revenue for row in report.rows) == 461
    assert [str(one) for one in report.rates] == [
        "1 EUR = 1.1 USD on 2026-10-01 (ECB)", "1 EUR = 1.2 USD on 2026-10-30 (ECB)",
    ]  # fmt: skip


@pytest.mark.django_db
def test_no_rate_is_unconverted_and_never_one(bill):
    bill("a,I1,1,pro,310,EUR,2026-10-01,2026-11-01,2026-10-01,recurring,paid")
    rate("EURUSD", "2026-09-23", "1.10")
    report = margin(by=[], period=OCTOBER)
    assert (report.total.revenue, report.unconverted) == (None, {"EUR": 310})
    rate("EURUSD", "2026-09-24", "1.10")
    assert margin(by=[], period=OCTOBER).total.revenue == 341


@pytest.mark.django_db
def test_contracted_revenue_is_converted_day_by_day():
    """31 EUR a month is 1 EUR a day: 4 days at 1.1, 7 at 1.2, then without a rate from the 16th."""
    plan = Plan.objects.create(code="pro", name="Pro")
    billed = BillingCustomer.objects.create(external_id="a")
    Subscription.objects.create(
        external_id="s", billing_customer=billed, plan=plan, price=31, currency="EUR",
        start_date="2026-10-01",
    )  # fmt: skip
    rate("EURUSD", "2026-10-01", "1.1")
    rate("EURUSD", "2026-10-05", "1.2")
    whole = margin(by=[], period=OCTOBER)
    assert whole.total.revenue == Decimal("4.4") + Decimal("9.6")
    assert whole.unconverted == {"EUR": 19}
    days = margin(by=["day"], period=OCTOBER)
    assert by_day(days)["04"] == Decimal("1.1")
    assert by_day(days)["05"] == Decimal("1.2")
    assert by_day(days)["20"] is None
    assert sum(row.revenue or 0 for row in days.rows) == whole.total.revenue


@pytest.fixture
def euro_prices(prices):
    """Input 2.50 USD, output 10 USD; the cache read costs 1 EUR; mini-eu is in EUR throughout."""
    Price.objects.filter(token_class="cache_read_tokens").update(per_million=1, currency="EUR")
    for token_class, per_million in (("input_tokens", "2"), ("output_tokens", "7.0000000003")):
        Price.objects.create(
            provider_code="mistral", model="mini-eu", token_class=token_class,
            per_million=per_million, currency="EUR",
        )  # fmt: skip


@pytest.fixture
def spent(euro_prices, send, event):
    """Events of two days and models, one of them stating its cost in EUR."""
    big = {"input_tokens": 10**6, "cache_read_tokens": 10**6}
    send([
        event(id="1", usage=big),
        event(id="2", usage=big, time="2026-10-06T10:00:00Z", customer="beta"),
        event(id="3", provider="mistral", model="mini-eu", usage={"output_tokens": 3 * 10**6},
              cost={"amount": "20", "currency": "EUR"}),
        event(id="4", usage=big, time="2026-10-20T10:00:00Z"),
    ])  # fmt: skip
    fold()
    rate("EURUSD", "2026-10-05", "1.123456789012")
    rate("EURUSD", "2026-10-06", "1.2")


@pytest.mark.django_db
def test_cost_is_converted_at_the_rate_of_its_day_to_the_last_digit(spent):
    """A day by hand; on the 20th the cache read has a price and no rate."""
    fifth = (
        Decimal("2.5") + Decimal("1.123456789012") + 3 * Decimal("7.0000000003")
        * Decimal("1.123456789012")
    )  # fmt: skip
    days = {row.key[0][-2:]: row for row in margin(by=["day"], period=OCTOBER).rows}
    assert {day: row.cost for day, row in days.items()} == {
        "05": fifth, "06": Decimal("3.7"), "20": Decimal("2.5"),
    }  # fmt: skip
    assert (days["05"].unconverted, days["20"].unconverted) == ({}, {"EUR": 1})
    assert [row.unpriced_events for row in days.values()] == [0, 0, 0]
    total = margin(by=[], period=OCTOBER)
    assert (total.total.cost, total.unconverted_cost) == (fifth + Decimal("6.2"), {"EUR": 1})
    assert days["05"].stated_cost == 20 * Decimal("1.123456789012")


@pytest.mark.django_db
def test_rows_of_any_grouping_sum_to_the_total(spent):
    for by in (["customer"], ["model", "day"], ["plan"], ["provider", "month"], ["cost_class"]):
        for basis in ("contracted", "stated"):
            report = margin(by=by, period=OCTOBER, basis=basis)
            whole = margin(by=[], period=OCTOBER, basis=basis).total
            known = [row.cost for row in report.rows if row.cost is not None]
            assert (by, sum(known)) == (by, whole.cost)
            assert frozenset().union(*(row.rates for row in report.rows)) == whole.rates


@pytest.mark.django_db
def test_a_price_without_a_rate_is_unconverted_and_not_unpriced(euro_prices, send, event):
    send(event(provider="mistral", model="mini-eu", usage={"output_tokens": 10**6}))
    fold()
    row = margin(by=[], period=OCTOBER).total
    assert (row.cost, row.unpriced_events) == (None, 0)
    assert row.unconverted == {"EUR": Decimal("7.0000000003")}


@pytest.mark.django_db
def test_a_factor_and_a_committed_rate_keep_their_currency(euro_prices, send, event):
    """Half of 7.0000000003 EUR, rounded to a price, is 3.5000000002 EUR, at 2: 7.0000000004."""
    terms = {"provider_code": "mistral", "token_class": "output_tokens"}
    PriceAdjustment.objects.create(
        name="half", kind="NEGOTIATED_DISCOUNT", value=50, **terms
    )  # fmt: skip
    rate("EURUSD", "2026-10-05", "2")
    send(event(provider="mistral", model="mini-eu", usage={"output_tokens": 10**6}))
    fold()
    assert margin(by=[], period=OCTOBER).total.cost == Decimal("7.0000000004")
    PriceAdjustment.objects.create(
        name="committed", kind="COMMITTED_RATE", value=3, currency="EUR", **terms
    )
    assert margin(by=[], period=OCTOBER).total.cost == 6


@pytest.mark.django_db
def test_the_lines_of_a_trace_sum_to_the_cell_and_tell_their_rate(spent):
    found = trace(period=OCTOBER, filters={})
    assert found.equal
    known = [line.cost for line in found.lines if line.cost is not None]
    assert sum(known) == found.cell.cost
    parts = {(line.line.day.day, part.name): part for line in found.lines for part in line.parts}
    read = parts[6, "cache_read_tokens"]
    assert (read.currency, read.per_million, read.cost) == ("EUR", 1, Decimal("1.2"))
    assert str(read.rate) == "1 EUR = 1.2 USD on 2026-10-06 (ECB)"
    assert (parts[20, "cache_read_tokens"].cost, parts[20, "cache_read_tokens"].reason) == (
        None, "price_without_rate",
    )  # fmt: skip


@pytest.mark.django_db
def test_shared_cost_is_converted_on_each_of_its_days():
    """31.00 EUR over October, 1.00 a day: 4 days at 1.1 and 8 at 1.2, the rest has no rate."""
    Customer.objects.create(external_id="acme", name="Acme")
    made = CostPool.objects.create(name="GPUs", kind="GPU_RENT", currency="EUR")
    CostPoolAmount.objects.create(
        pool=made, service_start="2026-10-01", service_end="2026-11-01", amount_minor=3100
    )
    AllocationRule.objects.create(
        pool=made, method="WEIGHTS", target="customer", weights={"acme": "1"}, reason="agreed"
    )
    rate("EURUSD", "2026-10-01", "1.1")
    rate("EURUSD", "2026-10-05", "1.2")
    report = margin(by=["customer"], period=OCTOBER)
    assert report.total.allocated_cost == Decimal("4.4") + 8 * Decimal("1.2")
    assert report.unconverted_allocated == {"EUR": 19}
    days = margin(by=["day"], period=OCTOBER)
    assert sum(row.allocated_cost or 0 for row in days.rows) == report.total.allocated_cost


@pytest.mark.django_db
def test_a_rate_changes_reports_at_once_and_changed_back_gives_the_same_rows(spent, bill):
    bill("a,I1,1,pro,310,EUR,2026-10-05,2026-11-01,2026-10-05,recurring,paid")
    ask = {"by": ["customer", "day"], "period": OCTOBER}

    def figures():
        return [
            (row.key, row.cost, row.revenue, row.margin, row.stated_cost)
            for row in margin(**ask).rows
        ]

    before, used = figures(), [(one.date, one.rate) for one in rates_used(OCTOBER)]
    rate("EURUSD", "2026-10-05", "1.5")
    assert figures() != before
    assert rates_used(OCTOBER)[0].rate == Decimal("1.5")
    rate("EURUSD", "2026-10-05", "1.123456789012")
    assert figures() == before
    assert [(one.date, one.rate) for one in rates_used(OCTOBER)] == used
    withdraw(keys=[one.pk for one in ExchangeRate.objects.all()], now=timezone.now())
    assert margin(by=[], period=OCTOBER).unconverted == {"EUR": 310}
    assert rates_used(OCTOBER) == []


@pytest.mark.django_db
def test_another_reporting_currency_converts_the_other_way(spent, settings):
    """1 USD = 1 ÷ 1.2 EUR on the 6th, rounded to 12 decimals: 1 + 2.5 × 0.833333333333."""
    settings.REPORTING_CURRENCY = "EUR"
    report = margin(by=["day"], period=OCTOBER)
    costs = {row.key[0][-2:]: row.cost for row in report.rows}
    assert costs["06"] == Decimal("3.0833333333325")
    assert (report.currency, report.unconverted_cost) == ("EUR", {"USD": Decimal("2.5")})


@pytest.mark.django_db
def test_plans_in_two_currencies_share_cost_at_the_days_rate(euro_prices, send, event):
    """100 EUR at 1.50 weighs 150 against 50 USD: 3 of 4 parts; without a rate both weigh alike."""
    customer = Customer.objects.create(external_id="acme", name="Acme")
    billed = BillingCustomer.objects.create(external_id="acme", customer=customer)
    for code, price, currency in (("eu", 100, "EUR"), ("us", 50, "USD")):
        Subscription.objects.create(
            external_id=code, billing_customer=billed, price=price, currency=currency,
            plan=Plan.objects.create(code=code, name=code), start_date="2026-10-01",
        )  # fmt: skip
    usage = {"input_tokens": 4 * 10**6}
    send([event(id="1", usage=usage), event(id="2", time="2026-10-20T10:00:00Z", usage=usage)])
    fold()
    rate("EURUSD", "2026-10-05", "1.5")
    days = margin(by=["plan", "day"], period=OCTOBER)
    found = {(row.key[0], row.key[1][-2:]): row.cost for row in days.rows}
    assert {key: cost for key, cost in found.items() if cost} == {
        ("eu", "05"): Decimal("7.5"), ("us", "05"): Decimal("2.5"),
        ("eu", "20"): 5, ("us", "20"): 5,
    }  # fmt: skip
