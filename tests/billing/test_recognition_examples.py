"""Revenue computed by hand, case by case: one import of many customers, then each looked at.

Amounts are minor units of the line's currency by month. A case is a customer of that name.
"""

import csv
import datetime as dt
import tempfile
from collections import defaultdict
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import pytest
from django.db import transaction
from django.test import override_settings

from billing.importers import import_file
from billing.margin import deferred, forget, margin
from billing.models import (
    BillingCustomer,
    Invoice,
    InvoiceLine,
    InvoiceSplit,
    PaymentEvent,
    Plan,
    RecognitionPolicy,
    Subscription,
    SubscriptionPause,
)
from billing.revenue import contra, revenue_slices, split_lines
from customers.models import Customer
from tknops.calendar import Period
from usage.cube import duck

pytestmark = pytest.mark.django_db  # so that there is a database to import into
LINES = (
    "external_customer_id", "invoice_id", "line_id", "plan_code", "amount", "currency",
    "service_start", "service_end", "invoice_date", "type", "status", "subscription_id",
    "credited_invoice_id", "tax_mode", "tax_amount", "discount_amount",
)  # fmt: skip
SUBSCRIPTIONS = (
    "id", "Customer ID", "Plan", "Currency", "Interval", "Amount", "Status", "Created (UTC)",
    "Trial End (UTC)", "Ended At (UTC)",
)  # fmt: skip
WHOLE = Period(dt.date(2025, 12, 1), dt.date(2029, 2, 1))


@dataclass(frozen=True)
class Case:
    """Invoice lines, subscriptions and payments of a customer, and its revenue by month."""

    lines: tuple = ()
    subscriptions: tuple = ()
    payments: tuple = ()
    revenue: dict = field(default_factory=dict)
    bases: str = "invoiced"


def line(invoice, amount, start, end, issued, kind="recurring", status="paid", **cells):
    plan, currency = cells.get("plan", "pro"), cells.get("currency", "USD")
    rest = [
        cells.get(name, "") for name in ("subscription", "credits", "tax_mode", "tax", "discount")
    ]
    number = cells.get("line", "1")
    return [invoice, number, plan, amount, currency, start, end, issued, kind, status, *rest]


JANUARY = ("2026-01-01", "2026-02-01", "2026-01-01")
CASES = {
    "31 from 15 January for a month": Case(
        [line("a1", "31", "2026-01-15", "2026-02-15", "2026-01-15")],
        revenue={"2026-01": 1700, "2026-02": 1400},
    ),
    "90 over a quarter of a common year": Case(
        [line("a2", "90", "2026-01-01", "2026-04-01", "2026-01-01")],
        revenue={"2026-01": 3100, "2026-02": 2800, "2026-03": 3100},
    ),
    "91 over a quarter of a leap year": Case(
        [line("a3", "91", "2028-01-01", "2028-04-01", "2028-01-01")],
        revenue={"2028-01": 3100, "2028-02": 2900, "2028-03": 3100},
    ),
    # R(17) = 100 · 17/31 = 54.8 → 55
    "100 yen have no smaller unit": Case(
        [line("a4", "100", "2026-01-15", "2026-02-15", "2026-01-15", currency="JPY")],
        revenue={"2026-01": 55, "2026-02": 45},
    ),
    "100 yen taken back round away from zero too": Case(
        [line("a5", "-100", "2026-01-15", "2026-02-15", "2026-01-15", currency="JPY")],
        revenue={"2026-01": -55, "2026-02": -45},
    ),
    # R(31) = 344.4 → 344, R(59) = 655.6 → 656
    "a dinar has 1000 fils": Case(
        [line("a6", "1.000", "2026-01-01", "2026-04-01", "2026-01-01", currency="KWD")],
        revenue={"2026-01": 344, "2026-02": 312, "2026-03": 344},
    ),
    # R(31) = 0.34 → 0, R(59) = 0.66 → 1
    "one cent falls on one month": Case(
        [line("a7", "0.01", "2026-01-01", "2026-04-01", "2026-01-01")],
        revenue={"2026-02": 1},
    ),
    "a common year has 365 slices": Case(
        [line("a8", "365", "2026-01-01", "2027-01-01", "2026-01-01")],
        revenue={
            f"2026-{n + 1:02}": days * 100
            for n, days in enumerate((31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31))
        },
    ),
    "a leap year has 366 slices": Case(
        [line("a9", "366", "2028-01-01", "2029-01-01", "2028-01-01")],
        revenue={
            f"2028-{n + 1:02}": days * 100
            for n, days in enumerate((31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31))
        },
    ),
    # 500 from 10 March for 100 days: R(22) = 110, R(52) = 260, R(83) = 415
    "a term that begins and ends within months": Case(
        [line("a10", "500", "2026-03-10", "2026-06-18", "2026-03-10")],
        revenue={"2026-03": 11000, "2026-04": 15000, "2026-05": 15500, "2026-06": 8500},
    ),
    "tax on top is no revenue": Case(
        [line("b1", "100", *JANUARY, tax_mode="exclusive", tax="19")], revenue={"2026-01": 10000}
    ),
    "tax inside and discount are taken out": Case(
        [line("b2", "119", *JANUARY, tax_mode="inclusive", tax="19", discount="10")],
        revenue={"2026-01": 9000},
    ),
    "an open invoice counts, draft and void never": Case(
        [line(f"b3{s}", "10", *JANUARY, status=s) for s in ("open", "draft", "void")],
        revenue={"2026-01": 1000},
    ),
    # 62 days; from 1 February on 31 are left for the note: 28 and 3
    "a credit note takes from the rest of its period": Case(
        [
            line("c1", "62", "2026-01-01", "2026-03-04", "2026-01-01"),
            line("c1n", "-31", "2026-01-01", "2026-03-04", "2026-02-01", "credit", credits="c1"),
        ],
        revenue={"2026-01": 3100},
    ),
    "a credit note after its period counts on its date": Case(
        [
            line("c2", "31", *JANUARY),
            line("c2n", "-10", "2026-01-01", "2026-02-01", "2026-03-05", "credit", credits="c2"),
        ],
        revenue={"2026-01": 3100, "2026-03": -1000},
    ),
    # From 15 February 45 of 90 days are left: 14 and 31
    "a credit note without a period has that of its invoice": Case(
        [
            line("c3", "90", "2026-01-01", "2026-04-01", "2026-01-01"),
            line("c3n", "-45", "", "", "2026-02-15", "credit", credits="c3"),
        ],
        revenue={"2026-01": 3100, "2026-02": 1400},
    ),
    "a credit note on the first day leaves nothing": Case(
        [
            line("c4", "31", *JANUARY),
            line("c4n", "-31", *JANUARY, "credit", credits="c4"),
        ],
    ),
    "a credit note before the service begins leaves nothing": Case(
        [
            line("c5", "28", "2026-02-01", "2026-03-01", "2026-01-10"),
            line("c5n", "-28", "2026-02-01", "2026-03-01", "2026-01-20", "credit", credits="c5"),
        ],
    ),
    "a refund line without a note is contra-revenue on its date": Case(
        [
            line("d1", "31", *JANUARY),
            line("d1r", "-10", "", "", "2026-02-10", "refund", credits="d1"),
        ],
        revenue={"2026-01": 3100, "2026-02": -1000},
    ),
    "a refund without a note is contra-revenue on its date": Case(
        [line("d2", "31", *JANUARY)],
        payments=[("REFUND", "d2", "2026-02-10", 1000)],
        revenue={"2026-01": 3100, "2026-02": -1000},
    ),
    "a refund a credit note covers counts once": Case(
        [
            line("d3", "31", *JANUARY),
            line("d3n", "-10", "", "", "2026-02-05", "credit", credits="d3"),
        ],
        payments=[("REFUND", "d3", "2026-02-20", 1000)],
        revenue={"2026-01": 3100, "2026-02": -1000},
    ),
    "a refund a credit note covers in part": Case(
        [
            line("d4", "31", *JANUARY),
            line("d4n", "-4", "", "", "2026-02-05", "credit", credits="d4"),
        ],
        payments=[("REFUND", "d4", "2026-03-20", 1000)],
        revenue={"2026-01": 3100, "2026-02": -400, "2026-03": -600},
    ),
    "a refund told by line and payment counts once": Case(
        [
            line("d5", "31", *JANUARY),
            line("d5r", "-10", "", "", "2026-02-10", "refund", credits="d5"),
        ],
        payments=[("REFUND", "d5", "2026-02-11", 1000)],
        revenue={"2026-01": 3100, "2026-02": -1000},
    ),
    "a dispute takes, a dispute won gives back": Case(
        [line("d6", "31", *JANUARY)],
        payments=[("DISPUTE", "d6", "2026-02-03", 3100), ("DISPUTE_WON", "d6", "2026-04-07", 3100)],
        revenue={"2026-01": 3100, "2026-02": -3100, "2026-04": 3100},
    ),
    # Of 119 paid 100 are net: half of it refunded is 50.
    "the tax inside a refund is no revenue": Case(
        [line("d7", "119", *JANUARY, tax_mode="inclusive", tax="19")],
        payments=[("PAYMENT", "d7", "2026-01-03", 11900), ("REFUND", "d7", "2026-02-10", 5950)],
        revenue={"2026-01": 10000, "2026-02": -5000},
    ),
    "a refund takes no more than was billed": Case(
        [line("d8", "31", *JANUARY)],
        payments=[("REFUND", "d8", "2026-02-10", 5000)],
        revenue={"2026-01": 3100, "2026-02": -3100},
    ),
    "a refund of an invoice that is not here": Case(
        payments=[("REFUND", "elsewhere", "2026-02-10", 700)], revenue={"2026-02": -700}
    ),
    "a refund of a void invoice takes nothing": Case(
        [line("d10", "31", *JANUARY, status="void")],
        payments=[("REFUND", "d10", "2026-02-10", 3100)],
    ),
    "an uncollectible invoice is bad debt": Case(
        [line("e1", "31", *JANUARY, status="uncollectible")]
    ),
    "no contracted revenue beside an uncollectible invoice": Case(
        [line("e2", "31", *JANUARY, status="uncollectible", subscription="s-e2")],
        [("s-e2", "pro", "USD", "month", "31", "2026-01-01", "", "2026-03-01")],
        revenue={"2026-02": 3100},
        bases="contracted",
    ),
    "an upgrade in the middle of June": Case(
        [
            line("f1", "30", "2026-06-01", "2026-07-01", "2026-06-01", plan="small"),
            line("f2", "-15", "2026-06-16", "2026-07-01", "2026-06-16", plan="small"),
            line("f2", "30", "2026-06-16", "2026-07-01", "2026-06-16", plan="big", line="2"),
        ],
        revenue={"2026-06": 4500},
    ),
    "usage is earned when it was used, not when billed": Case(
        [line("g1", "50", "2026-05-01", "2026-06-01", "2026-06-02", "usage")],
        revenue={"2026-05": 5000},
    ),
    "a fee billed late is earned in its period": Case(
        [line("g2", "31", "2026-01-01", "2026-02-01", "2026-04-10")], revenue={"2026-01": 3100}
    ),
    "a one-off counts at once": Case(
        [line("h1", "500", "", "", "2026-01-20", "one_time", plan="setup")],
        revenue={"2026-01": 50000},
    ),
    "a one-off over the term of its plan": Case(
        [line("h2", "365", "", "", "2026-01-01", "one_time", plan="onboarding")],
        revenue={
            f"2026-{n + 1:02}": days * 100
            for n, days in enumerate((31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31))
        },
    ),
    # Credited in full on 1 July: 181 of 365 are earned, 184 days of −365/184 a day follow.
    "a credit note over the rest of a one-off's term": Case(
        [
            line("h3", "365", "", "", "2026-01-01", "one_time", plan="onboarding"),
            line("h3n", "-184", "", "", "2026-07-01", "credit", credits="h3", plan="onboarding"),
        ],
        revenue={
            f"2026-{n + 1:02}": days * 100 for n, days in enumerate((31, 28, 31, 30, 31, 30))
        },
    ),
    "a one-off with a period of its own keeps it": Case(
        [line("h4", "59", "2026-01-01", "2026-03-01", "2026-01-01", "one_time", plan="onboarding")],
        revenue={"2026-01": 3100, "2026-02": 2800},
    ),
    "a trial pays nothing until it ends": Case(
        (),
        [("s-i1", "pro", "USD", "month", "31", "2026-03-01", "2026-03-11", "2026-05-01")],
        revenue={"2026-03": 2100, "2026-04": 3100},
        bases="contracted",
    ),
    "a free plan pays nothing": Case(
        (), [("s-i2", "free", "USD", "month", "0", "2026-03-01", "", "2026-05-01")]
    ),
    "a coupon of 100 % pays nothing and is an invoice": Case(
        [line("i3", "40", "2026-03-01", "2026-04-01", "2026-03-01", discount="40",
              subscription="s-i3")],
        [("s-i3", "pro", "USD", "month", "40", "2026-03-01", "", "2026-05-01")],
        revenue={"2026-04": 4000},
        bases="contracted",
    ),
    "ten days of June paused": Case(
        (),
        [("s-paused", "pro", "USD", "month", "30", "2026-06-01", "", "2026-07-01")],
        revenue={"2026-06": 2000},
        bases="contracted",
    ),
    "a change of plan on 16 June": Case(
        (),
        [
            ("s-i5", "small", "USD", "month", "30", "2026-06-01", "", "2026-06-16"),
            ("s-i6", "big", "USD", "month", "60", "2026-06-16", "", "2026-07-01"),
        ],
        revenue={"2026-06": 4500},
        bases="contracted",
    ),
    "several subscriptions add up": Case(
        (),
        [
            ("s-i7", "small", "USD", "month", "31", "2026-03-01", "", "2026-04-01"),
            ("s-i8", "big", "USD", "month", "62", "2026-03-01", "", "2026-04-01"),
        ],
        revenue={"2026-03": 9300},
        bases="contracted",
    ),
    "a contract of a year by its days": Case(
        (),
        [("s-i9", "pro", "USD", "year", "365", "2026-01-01", "", "2026-03-01")],
        revenue={"2026-01": 3100, "2026-02": 2800},
        bases="contracted",
    ),
    "contracted on the days no invoice covers": Case(
        [line("j1", "15", "2026-06-01", "2026-06-16", "2026-06-01", subscription="s-j1")],
        [("s-j1", "pro", "USD", "month", "30", "2026-06-01", "", "2026-07-01")],
        revenue={"2026-06": 3000},
        bases="mixed",
    ),
    # 100 by 30 : 60 is 33.33 and 66.67.
    "a line without a plan is split by list price": Case(
        [line("k1", "100", "2026-06-01", "2026-07-01", "2026-06-01", plan="")],
        [
            ("s-k1", "small", "USD", "month", "30", "2026-06-01", "", "2026-07-01"),
            ("s-k2", "big", "USD", "month", "60", "2026-06-01", "", "2026-07-01"),
        ],
        revenue={"2026-06": 10000},
    ),
    "a line without a plan is split evenly": Case(
        [line("k2", "0.05", "2027-06-01", "2027-07-01", "2027-06-01", plan="")],
        [
            ("s-k3", "small", "USD", "month", "30", "2027-06-01", "", "2027-07-01"),
            ("s-k4", "big", "USD", "month", "60", "2027-06-01", "", "2027-07-01"),
        ],
        revenue={"2027-06": 5},
    ),
}  # fmt: skip


def _import(folder):
    lines = [[name, *cells] for name, case in CASES.items() for cells in case.lines]
    subscriptions = [
        [one[0], name, *one[1:5], "active", *one[5:]]
        for name, case in CASES.items()
        for one in case.subscriptions
    ]
    for profile, head, rows in (
        ("generic", LINES, lines),
        ("stripe-subscriptions", SUBSCRIPTIONS, subscriptions),
    ):
        path = Path(folder) / f"{profile}.csv"
        with path.open("w", newline="") as out:
            csv.writer(out).writerows([head, *rows])
        import_file(path=path, file_name=path.name, profile=profile)


def _settle():
    """Record payments, a pause, a term of one-offs and the rules of splitting."""
    Customer.objects.bulk_create(Customer(external_id=name, name=name) for name in CASES)
    accounts = {}
    for name in CASES:
        customer = Customer.objects.get(external_id=name)
        accounts[name], _ = BillingCustomer.objects.get_or_create(external_id=name)
        accounts[name].customer = customer
        accounts[name].save()
    for name, case in CASES.items():
        for n, (kind, invoice, day, amount) in enumerate(case.payments):
            PaymentEvent.objects.create(
                external_id=f"{name} {n}", billing_customer=accounts[name], kind=kind,
                invoice_reference=invoice, occurred_on=day, currency="USD", amount_minor=amount,
            )  # fmt: skip
    SubscriptionPause.objects.create(
        subscription=Subscription.objects.get(external_id="s-paused"),
        valid_from="2026-06-11", valid_to="2026-06-21",
    )  # fmt: skip
    RecognitionPolicy.objects.create(
        plan=Plan.objects.get(code="onboarding"), one_off_months=12, reason="two renewals"
    )
    InvoiceSplit.objects.create(method="LIST_PRICE", valid_to="2027-01-01", reason="as agreed")
    InvoiceSplit.objects.create(method="EVENLY", valid_from="2027-01-01", reason="as agreed")


@pytest.fixture(scope="module")
def books(django_db_setup, django_db_blocker):
    """Import everything once, ask once, and keep the answers."""
    with (
        django_db_blocker.unblock(),
        tempfile.TemporaryDirectory() as folder,
        override_settings(CUBE_DIR=Path(folder)),
        transaction.atomic(),
    ):
        duck._database.cache_clear()
        forget()
        _import(folder)
        _settle()
        found = {
            "slices": revenue_slices(list(WHOLE.months())),
            "margin": margin(by=["customer", "month"], period=WHOLE),
            "plans": margin(by=["customer", "plan"], period=WHOLE),
            "deferred": deferred(WHOLE),
            "later": deferred(Period(dt.date(2026, 6, 1), WHOLE.end)),
            "contra": contra(WHOLE),
            "split": split_lines(WHOLE),
            "accounts": dict(BillingCustomer.objects.values_list("external_id", "pk")),
            "invoices": dict(Invoice.objects.values_list("pk", "external_id")),
        }
        transaction.set_rollback(True)
    forget()
    return found


@pytest.mark.parametrize("name", CASES)
def test_revenue(books, name):
    account, found, bases = books["accounts"][name], defaultdict(int), set()
    for piece in books["slices"]:
        if piece.billing_customer_id == account:
            found[f"{piece.bucket.start:%Y-%m}"] += piece.amount_minor
            bases.add(piece.basis)
    case = CASES[name]
    assert {month: amount for month, amount in found.items() if amount} == case.revenue
    if case.revenue:
        assert ("mixed" if len(bases) > 1 else bases.pop()) == case.bases


def test_the_margin_says_the_same_of_the_reporting_currency(books):
    found = {row.key: row.revenue for row in books["margin"].rows if row.revenue}
    expected = {
        (name, month): amount
        for name, case in CASES.items()
        for month, amount in case.revenue.items()
        if not any(cells[4] != "USD" for cells in case.lines)
    }
    assert {key: int(amount * 100) for key, amount in found.items()} == expected
    assert len(expected) == 100
    bases = {row.key: row.basis for row in books["margin"].rows if row.revenue}
    assert bases["contracted on the days no invoice covers", "2026-06"] == "mixed"
    assert bases["several subscriptions add up", "2026-03"] == "contracted"


@pytest.mark.parametrize(
    ("name", "plans"),
    [
        ("an upgrade in the middle of June", {"small": 1500, "big": 3000}),
        ("a change of plan on 16 June", {"small": 1500, "big": 3000}),
        ("a line without a plan is split by list price", {"small": 3333, "big": 6667}),
        ("a line without a plan is split evenly", {"small": 3, "big": 2}),
        ("a refund without a note is contra-revenue on its date", {"pro": 2100}),
    ],
)
def test_revenue_by_plan(books, name, plans):
    rows = {row.key: row.revenue for row in books["plans"].rows}
    assert {plan: int(rows[name, plan] * 100) for plan in plans} == plans


def test_parts_of_a_split_line_are_named_with_their_method(books):
    invoices = books["invoices"]
    found = [(invoices[one.invoice_id], one.plan, one.method) for one in books["split"]]
    assert sorted(found) == [
        ("k1", "big", "by plan list price and days"),
        ("k1", "small", "by plan list price and days"),
        ("k2", "big", "evenly"),
        ("k2", "small", "evenly"),
    ]


def test_what_lacks_a_credit_note_is_listed(books):
    found = {(one.reference, one.stream.amount_minor, one.known) for one in books["contra"]}
    assert found == {
        ("d1", -1000, True), ("d2", -1000, True), ("d4", -600, True), ("d5", -1000, True),
        ("d6", -3100, True), ("d6", 3100, True), ("d7", -5000, True), ("d8", -3100, True),
        ("elsewhere", -700, False),
    }  # fmt: skip


def test_deferred_revenue_reaches_0_and_every_month_ties(books):
    roll = books["deferred"]
    assert {code for code, _ in roll.by_key} == {"USD", "JPY", "KWD"}
    for months in roll.by_key.values():
        assert months[0].opening == 0
        assert months[-1].closing == 0
        for month, following in pairwise(months):
            assert following.opening == month.closing


def test_a_roll_forward_that_begins_later_opens_with_the_same(books):
    at = next(n for n, month in enumerate(books["deferred"].months) if month.start.month == 6)
    later = books["later"]
    for key, months in books["deferred"].by_key.items():
        mine = later.by_key.get(key)
        assert (mine[0].opening if mine else 0) == months[at].opening
        closings = [month.closing for month in months[at:]]
        assert ([month.closing for month in mine] if mine else [0] * len(closings)) == closings


def test_recognised_and_contra_are_the_invoiced_revenue(books):
    found = defaultdict(int)
    for piece in books["slices"]:
        if piece.basis == "invoiced":
            month = f"{piece.bucket.start:%Y-%m}"
            found[piece.currency, piece.billing_customer_id, month] += piece.amount_minor
    rolled = {
        (*key, f"{period.start:%Y-%m}"): month.recognised + month.contra
        for key, months in books["deferred"].by_key.items()
        for period, month in zip(books["deferred"].months, months, strict=True)
    }
    nonzero = {key: amount for key, amount in rolled.items() if amount}
    assert nonzero == {key: amount for key, amount in found.items() if amount}


def test_bad_debt_stands_apart(books):
    [months] = [
        months
        for (_, account), months in books["deferred"].by_key.items()
        if account == books["accounts"]["an uncollectible invoice is bad debt"]
    ]
    found = [(m.invoiced, m.recognised, m.bad_debt) for m in months if not m.empty]
    assert found == [(3100, 0, 3100)]


def test_usage_billed_later_is_not_yet_invoiced(books):
    key = ("USD", books["accounts"]["usage is earned when it was used, not when billed"])
    months = books["deferred"].by_key[key]
    found = [(m.opening, m.invoiced, m.recognised, m.closing, m.unbilled, m.deferred)
             for m in months if not m.empty]  # fmt: skip
    assert found == [(0, 0, 5000, -5000, 5000, 0), (-5000, 5000, 0, 0, 0, 0)]


def test_an_annual_prepayment_is_deferred_day_by_day(books):
    key = ("USD", books["accounts"]["a common year has 365 slices"])
    closings = [month.deferred for month in books["deferred"].by_key[key]][1:13]
    left = [334, 306, 275, 245, 214, 184, 153, 122, 92, 61, 31, 0]
    assert closings == [days * 100 for days in left]


def test_slices_say_at_which_rate_they_are_converted(books):
    days = defaultdict(set)
    for piece in books["slices"]:
        days[piece.billing_customer_id].add(piece.rate_on)

    def of(name):
        return days[books["accounts"][name]]

    assert of("a common year has 365 slices") == {dt.date(2026, 1, 1)}
    assert of("usage is earned when it was used, not when billed") == {dt.date(2026, 5, 31)}
    assert of("a credit note takes from the rest of its period") == {dt.date(2026, 1, 1)}
    assert of("several subscriptions add up") == {None}
    refunded = of("a refund without a note is contra-revenue on its date")
    assert refunded == {dt.date(2026, 1, 1), dt.date(2026, 2, 10)}


def test_a_one_off_that_names_only_its_subscription_is_earned_after_its_day():
    """9.00 over January to March, 90 days: R(59) − R(31) = 5.90 − 3.10 in February."""
    plan = Plan.objects.create(code="named-by-subscription", name="Setup")
    RecognitionPolicy.objects.create(plan=plan, one_off_months=3, reason="a quarter of help")
    billed = BillingCustomer.objects.create(external_id="named-by-subscription")
    first = dt.date(2026, 1, 1)
    one = Subscription.objects.create(
        external_id="s-named", billing_customer=billed, plan=plan, price=0, currency="USD",
        start_date=first,
    )  # fmt: skip
    invoice = Invoice.objects.create(
        external_id="i-named", billing_customer=billed, invoice_date=first, currency="USD"
    )
    InvoiceLine.objects.create(
        invoice=invoice, subscription=one, kind="ONE_TIME", amount_minor=900,
        service_start=first, service_end=dt.date(2026, 1, 2),
    )  # fmt: skip
    february = Period(dt.date(2026, 2, 1), dt.date(2026, 3, 1))
    found = [one for one in revenue_slices([february]) if one.billing_customer_id == billed.pk]
    assert [(one.plan, one.amount_minor) for one in found] == [("named-by-subscription", 280)]
