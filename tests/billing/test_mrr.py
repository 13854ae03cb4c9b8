"""MRR by hand: what recurs, the six movements, retention, cohorts; they tie, currencies too."""

import datetime as dt
import os
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import pytest
from django.contrib.auth import get_user_model
from hypothesis import given
from hypothesis import settings as hypothesis
from hypothesis import strategies as st

from billing.models import (
    BillingCustomer,
    Invoice,
    InvoiceLine,
    Plan,
    Subscription,
    SubscriptionPause,
)
from billing.rates import Rate
from billing.reports.mrr import KINDS, Contract, MrrBook, margin_nrr, mrr_book, retention
from billing.reports.mrr.book import decimal, month_end, month_ends
from billing.reports.mrr.cohorts import cohorts
from billing.reports.mrr.contracts import Account, per_year
from billing.reports.mrr.movements import month
from billing.reports.mrr.tables import months_table, movements_table, plans_table
from customers.models import Customer
from tests.billing.test_currency import rate
from tknops.calendar import Period, add_months
from usage.cube import fold

EVER = dt.date.max


def contract(key, monthly, start, end="", plan="pro", currency="USD"):
    return Contract(
        account=Account(key, key.title(), matched=True),
        plan=plan,
        reference=f"sub-{key}",
        currency=currency,
        yearly=Fraction(str(monthly)) * 12,
        start=dt.date.fromisoformat(start),
        end=dt.date.fromisoformat(end) if end else EVER,
    )


def book(*contracts, **rates):
    """Make a book; EUR=… gives rates from the first of their month on, by 'YYYY-MM'."""

    def on(code, day):
        found = rates.get(code, {}).get(f"{day:%Y-%m}")
        return found and Rate(code, "USD", day, Decimal(found), "test", "as published", ())

    return MrrBook(contracts, on, "USD")


def moved(found, opened="2026-09-30", closed="2026-10-31"):
    one = month(found, dt.date.fromisoformat(opened), dt.date.fromisoformat(closed))
    kinds = {kind: one.total(kind) for kind in KINDS}
    assert one.opening + sum(kinds.values()) == one.closing
    return {kind: amount for kind, amount in kinds.items() if amount}


def test_the_movements_of_a_month():
    """New 100, up 20 → 50, down 80 → 30, gone 40, back 60: 140 + 100 + 30 − 50 − 40 + 60 = 240."""
    found = book(
        contract("new", 100, "2026-10-05"),
        contract("up", 20, "2026-01-01", "2026-10-10"),
        contract("up", 50, "2026-10-10"),
        contract("down", 80, "2026-01-01", "2026-10-31"),
        contract("down", 30, "2026-10-31"),
        contract("gone", 40, "2026-01-01", "2026-10-31"),
        contract("back", 70, "2026-01-01", "2026-03-01"),
        contract("back", 60, "2026-10-31"),
        contract("within", 999, "2026-10-02", "2026-10-30"),
    )
    assert moved(found) == {
        "new": 100, "expansion": 30, "contraction": -50, "churn": -40, "reactivation": 60,
    }  # fmt: skip


def test_who_left_within_the_first_month_is_new_when_it_comes_back():
    found = book(contract("a", 10, "2026-08-02", "2026-08-20"), contract("a", 10, "2026-10-01"))
    assert moved(found) == {"new": 10}


def test_a_rate_moves_currency_and_nothing_else():
    """100 EUR at 1.10, then 120 at 1.25: currency 100 × 0.15 = 15, expansion 20 × 1.25 = 25."""
    eur = {"2026-09": "1.10", "2026-10": "1.25"}
    same = book(contract("a", 100, "2026-01-01", currency="EUR"), EUR=eur)
    assert moved(same) == {"currency": 15}
    more = book(
        contract("a", 100, "2026-01-01", currency="EUR"),
        contract("a", 20, "2026-10-31", currency="EUR"),
        EUR=eur,
    )
    assert moved(more) == {"currency": 15, "expansion": 25}
    gone = book(contract("a", 100, "2026-01-01", "2026-10-31", currency="EUR"), EUR=eur)
    assert moved(gone) == {"currency": 15, "churn": -125}


def test_a_missing_rate_moves_as_currency_and_is_said():
    running = contract("a", 100, "2026-01-01", currency="EUR")
    came = book(running, EUR={"2026-10": "1.25"})
    assert moved(came) == {"currency": 125}
    went = book(running, EUR={"2026-09": "1.25"})
    assert moved(went) == {"currency": -125}
    assert went.unconverted(dt.date(2026, 10, 31)) == {"EUR": 100}
    gone = book(
        contract("a", 100, "2026-01-01", "2026-10-31", currency="EUR"), EUR={"2026-09": "1.25"}
    )
    assert moved(gone) == {"churn": -125}


def test_a_change_of_currency_is_priced_at_the_closing_rate():
    """100 EUR at 1.10 is 110; restated at 1.25 it is 125, of which 130 USD makes 5 more."""
    found = book(
        contract("a", 100, "2026-01-01", "2026-10-31", currency="EUR"),
        contract("a", 130, "2026-10-31"),
        EUR={"2026-09": "1.10", "2026-10": "1.25"},
    )
    assert moved(found) == {"currency": 15, "expansion": 5}


_MONTHS = [month_end(add_months(dt.date(2026, 1, 1), n)) for n in range(6)]
_contracts = st.lists(
    st.builds(
        lambda key, cents, start, days, currency: Contract(
            Account(key, key, matched=True), "pro", key, currency, Fraction(cents, 7),
            dt.date(2025, 12, 1) + dt.timedelta(start),
            dt.date(2025, 12, 1) + dt.timedelta(start + days),
        ),
        st.sampled_from("abc"), st.integers(1, 10**9), st.integers(0, 200), st.integers(1, 200),
        st.sampled_from(["USD", "EUR", "JPY"]),
    ),
    max_size=8,
)  # fmt: skip
_rates = st.dictionaries(
    st.sampled_from([f"{end:%Y-%m}" for end in _MONTHS]),
    st.decimals("0.0001", 1000, places=12).map(str),
)


@given(_contracts, _rates, _rates)
@hypothesis(max_examples=int(os.environ.get("MRR_EXAMPLES", "50")), deadline=None)
def test_movements_tie_to_the_change_of_every_month_and_account(found, eur, jpy):
    made = book(*found, EUR=eur, JPY=jpy)
    for opened, closed in pairwise(_MONTHS):
        one = month(made, opened, closed)
        assert one.opening + sum(one.total(kind) for kind in KINDS) == one.closing
        assert one.closing == sum(made.mrr(closed).values())
        plans = made.by_plan(closed).values()
        assert sum(sum(some.values()) for some in plans) == one.closing
        for each in one.movements:
            assert each.opening + each.amount + each.currency == each.closing
        kept = retention(made, closed)
        assert kept.capped <= min(kept.opening, kept.closing) or not kept.cohort


def test_retention_of_a_cohort_by_hand():
    """Of 100 + 100 + 50 the year before: 150, 40 and nothing. NRR 190 ÷ 250, GRR 140 ÷ 250."""
    found = book(
        contract("up", 100, "2025-01-01", "2026-05-01"),
        contract("up", 150, "2026-05-01"),
        contract("down", 100, "2025-01-01", "2026-05-01"),
        contract("down", 40, "2026-05-01"),
        contract("gone", 50, "2025-01-01", "2026-05-01"),
        contract("later", 500, "2026-01-01"),
    )
    kept = retention(found, dt.date(2026, 10, 31))
    assert (kept.opening, kept.closing, kept.capped) == (250, 190, 140)
    assert (kept.nrr, kept.grr) == (76, 56)
    assert kept.cohort == {"up", "down", "gone"}
    nobody = retention(found, dt.date(2024, 10, 31))
    assert (nobody.nrr, nobody.grr) == (None, None)


def test_a_rate_is_no_retention():
    eur = {"2025-10": "2", "2026-10": "1"}
    found = book(contract("a", 100, "2025-01-01", currency="EUR"), EUR=eur)
    assert retention(found, dt.date(2026, 10, 31)).nrr == 100


def test_cohorts_by_the_month_they_began():
    """January: a 100 and b 50, of which a is left; February: c 30, then 45."""
    found = book(
        contract("a", 100, "2026-01-05"),
        contract("b", 50, "2026-01-20", "2026-03-31"),
        contract("c", 30, "2026-02-01", "2026-03-01"),
        contract("c", 45, "2026-03-01"),
        contract("old", 9, "2025-01-01"),
    )
    ends = month_ends(Period(dt.date(2026, 1, 1), dt.date(2026, 4, 1)))
    first, second = cohorts(found, ends)
    assert (first.began, first.accounts, first.mrr, first.left) == (
        dt.date(2026, 1, 31), 2, (150, 150, 100), (2, 2, 1),
    )  # fmt: skip
    assert first.retained == [100, 100, Decimal("66.6667")]
    assert (second.mrr, second.retained) == ((30, 45), [100, 150])


def test_tables_hold_the_same_figures_and_lead_to_who_is_behind():
    """1,000 a year is 83.3333333333 a month; exact inside, ten decimals when written."""
    found = book(
        contract("acme", Fraction(1000, 12), "2026-10-05", plan="year"),
        contract("beta", 20, "2026-01-01"),
    )
    opened, closed = dt.date(2026, 9, 30), dt.date(2026, 10, 31)
    one = month(found, opened, closed)
    [row] = months_table([one], {closed: retention(found, closed)}).rows
    assert (row.cells["new"], row.cells["closing"], row.cells["arr"]) == (
        Decimal("83.3333333333"), Decimal("103.3333333333"), 1240,
    )  # fmt: skip
    assert (row.links["new"], row.cells["nrr"]) == ("mrr?month=2026-10&kind=new", None)
    table = movements_table(one, "new")
    assert [r.link for r in table.rows] == ["customer/acme"]
    assert table.rows[0].cells["after"] == "sub-acme year, 83.33 USD a month"
    assert movements_table(one, "churn").rows == []
    plans = plans_table(found, opened, closed, {"year": "Yearly"})
    assert [(r.cells["name"], r.cells["mrr"]) for r in plans.rows] == [
        ("Yearly", Decimal("83.3333333333")), ("pro", 20),
    ]  # fmt: skip


def test_a_fraction_is_written_half_up_away_from_zero():
    assert decimal(Fraction(1, 3)) == Decimal("0.3333333333")
    assert decimal(Fraction(-15, 10**11)) == Decimal("-0.0000000002")


@pytest.mark.parametrize(
    ("start", "end", "times"),
    [
        ("2026-01-15", "2026-02-15", Fraction(12)),
        ("2026-01-01", "2027-01-01", Fraction(1)),
        ("2026-01-31", "2026-02-28", Fraction(12)),
        ("2026-01-01", "2026-04-01", Fraction(4)),
        ("2026-01-01", "2026-01-11", Fraction(365, 10)),
    ],
)
def test_a_line_is_of_whole_months_or_of_days(start, end, times):
    assert per_year(Period(dt.date.fromisoformat(start), dt.date.fromisoformat(end))) == times


@pytest.fixture
def plan(db):
    return Plan.objects.create(code="pro", name="Pro")


@pytest.fixture
def subscribe(plan):
    def do(key, price, start="2026-01-01", **fields):
        customer, _ = Customer.objects.get_or_create(external_id=key, name=key.title())
        billed, _ = BillingCustomer.objects.get_or_create(external_id=key, customer=customer)
        return Subscription.objects.create(
            **{
                "external_id": f"s-{key}", "billing_customer": billed, "plan": plan,
                "price": price, "currency": "USD", "start_date": start,
            } | fields
        )  # fmt: skip

    return do


@pytest.fixture
def invoice(plan):
    def do(key, minor, start, end, **fields):
        billed, _ = BillingCustomer.objects.get_or_create(external_id=key)
        made = Invoice.objects.create(
            external_id=f"I-{key}-{start}-{end}", billing_customer=billed, invoice_date=start,
            currency="USD",
        )  # fmt: skip
        return InvoiceLine.objects.create(
            **{
                "invoice": made, "plan": plan, "amount_minor": minor, "service_start": start,
                "service_end": end,
            } | fields
        )  # fmt: skip

    return do


def mrr(day):
    return mrr_book().mrr(dt.date.fromisoformat(day))


def test_what_recurs_by_subscriptions_and_by_invoices(subscribe, invoice):
    """A year's 1,200 is 100; a trial, a free plan, a paused one and a pause bring nothing."""
    subscribe("year", 1200, interval="YEAR")
    subscribe("trial", 50, trial_end_date="2026-11-01")
    subscribe("free", 0)
    held = subscribe("paused", 70, status="paused")
    invoice("paused", 7000, "2026-09-01", "2026-10-01", subscription=held)
    invoice("paused", 7000, "2026-09-15", "2026-10-01", subscription=held)
    SubscriptionPause.objects.create(
        subscription=subscribe("rests", 20), valid_from="2026-10-15", valid_to="2026-11-15"
    )
    invoice("billed", 9000, "2026-10-01", "2027-01-01")
    invoice("billed", 500, "2026-10-01", "2026-11-01", kind="USAGE")
    assert mrr("2026-09-30") == {"year": 100, "paused": 70, "rests": 20}
    assert mrr("2026-10-31") == {"year": 100, "billing:billed": 30}
    assert mrr("2026-11-30") == {"year": 100, "trial": 50, "rests": 20, "billing:billed": 30}


def test_margin_adjusted_nrr_by_hand(subscribe, send, event, prices):
    """310 a month; cost 10 in October 2025 and 70 in October 2026: 240 ÷ 300 = 80 %."""
    subscribe("acme", 310, start="2025-01-01")
    output = {"usage": {"output_tokens": 10**6}}
    send([event(id="0", time="2025-10-05T10:00:00Z", **output)])
    send([event(id=str(n), **output) for n in range(1, 8)])
    fold()
    assert margin_nrr({"acme"}, dt.date(2026, 10, 31)) == 80
    assert margin_nrr(set(), dt.date(2026, 10, 31)) is None
    assert margin_nrr({"acme"}, dt.date(2026, 9, 30)) == 100
    assert margin_nrr({"acme"}, dt.date(2025, 10, 31)) is None


@pytest.fixture
def admin(db, client):
    client.force_login(get_user_model().objects.create_superuser("boss"))
    return client


def test_the_page_shows_movements_rates_and_what_is_left_out(subscribe, admin):
    subscribe("acme", 100, currency="EUR", start="2026-01-01")
    subscribe("yen", 1000, currency="JPY", start="2026-10-03")
    subscribe("beta", 40, start="2026-10-03")
    rate("EURUSD", "2026-09-29", "1.1")
    rate("EURUSD", "2026-10-30", "1.2")
    page = admin.get("/admin/mrr?month=2026-10&kind=currency")
    newest = page.context["table"].rows[0].cells
    assert {kind: newest[kind] for kind in ("opening", "new", "currency", "closing")} == {
        "opening": 110, "new": 40, "currency": 10, "closing": 160,
    }  # fmt: skip
    assert [row.cells["name"] for row in page.context["more"][0].rows] == ["Acme"]
    text = page.content.decode()
    assert "Left out, since no rate is known: 1,000.00 JPY a month." in text
    assert "EUR converted at 2 rates of 29 Sep 2026 to 30 Oct 2026 (ECB)." in text
    csv = admin.get("/admin/mrr?month=2026-10&format=csv&table=movements").content.decode()
    assert csv.splitlines()[1].startswith("Beta,new,0,40,0,40,,")


def test_cohort_page_and_renewals(subscribe, admin, send, event, prices, time_machine):
    """On 28 November a month from the 5th renews on 5 December; a year's in 2027."""
    time_machine.move_to(dt.datetime(2026, 11, 28, 12, tzinfo=dt.UTC))
    subscribe("acme", 31, start="2026-10-05")
    subscribe("beta", 1200, start="2026-02-01", interval="YEAR")
    subscribe("over", 5, start="2026-10-01", end_date="2026-12-01")
    send(event(usage={"output_tokens": 4 * 10**6}))
    fold()
    page = admin.get("/admin/mrr-cohorts?month=2026-11")
    assert [row.cells["began"] for row in page.context["table"].rows] == ["2026-02", "2026-10"]
    assert "tk-heat-10" in page.content.decode()
    found = admin.get("/admin/renewals").context["table"].rows
    assert [
        (row.cells["day"], row.cells["name"], row.cells["mrr"], row.cells["health"])
        for row in found
    ] == [("2026-12-05", "Acme", 31, "under water"), ("2027-02-01", "Beta", 100, "healthy")]
    assert found[0].cells["margin"] == 27 - 40
    assert len(admin.get("/admin/renewals?days=30").context["table"].rows) == 1


def test_nothing_recurs_yet(admin):
    for name in ("mrr", "mrr-cohorts"):
        assert "Nothing recurs yet" in admin.get(f"/admin/{name}").content.decode()
    assert "No term ends within 90 days" in admin.get("/admin/renewals").content.decode()
