"""Closing months: figures before and after, adjustments, order, guards, opening again."""

import datetime as dt
from decimal import Decimal

import pytest
import time_machine
from django.conf import settings as configured
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.db import DatabaseError, connection, transaction

from billing.closing import (
    ClosingError,
    adjustments,
    checked,
    close_month,
    enter,
    figures_of,
    reopen_month,
    sign,
    verify_closed,
)
from billing.margin import margin
from billing.models import (
    AllocationRule,
    BillingCustomer,
    CloseRequest,
    CostPool,
    CostPoolAmount,
    Invoice,
    InvoiceLine,
    MonthClose,
    Plan,
    Reopening,
    Subscription,
)
from billing.roles import ensure_roles
from billing.trace import decided
from customers.models import Customer, CustomerAlias, CustomerAttribute
from tests.billing.closed_months import NOW, close
from tknops.calendar import Period
from usage import cube
from usage.models import Price, UsageBatchMonth

pytestmark = pytest.mark.django_db
SEP, OCT, NOV = (dt.date(2026, month, 1) for month in (9, 10, 11))
OCTOBER = Period(OCT, NOV)
HEADER = "figure,currency,amount,note"
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
    (("end_user", "week", "charge_class"), {}, ALL, "stated"),
    (("tag.release", "customer.tier", "cost_class"), {"feature": ["chat"]}, ALL, "contracted"),
    (("customer_group", "terms", "tag.no", "customer.later"), {"plan": ["pro"]}, SPLIT, "list"),
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


def same(before, after):
    assert before.keys() == after.keys()
    for question, figures in before.items():
        assert figures == after[question], question


def test_reports_say_the_same_before_and_after_a_close(company):
    before = told()
    close(SEP)
    close(OCT)
    same(before, told())
    assert verify_closed() == (2, [])
    asked = {"effect": "customer", "period": OCTOBER, "filters": {"customer": ["acme"]}}
    [was] = decided(**asked).deciders
    acme = Customer.objects.get(external_id="acme")
    CustomerAlias.objects.create(customer=acme, alias="nobody")
    cube.fold()
    parts = {one.kind: one for one in decided(**asked).deciders}
    assert parts["as sent"].cost == was.cost == decided(**asked).cost
    assert parts["alias"].cost == -parts["closed month"].cost
    assert parts["alias"].events == -parts["closed month"].events > 0


def test_what_changes_after_a_close_stands_in_the_open_month_only(company, send, event):
    close(OCT)
    past = [(by, chosen, OCTOBER, basis) for by, chosen, _, basis in QUESTIONS[1:]]
    closed = told(past)
    november = Period(NOV, dt.date(2026, 12, 1))
    before = margin(by=["customer"], period=november).total
    change_everything()
    answer = send([event(id="late", time="2026-10-09T10:00:00Z", customer="acme")])
    assert answer.json()["results"] == [
        {"index": 0, "id": "late", "status": "stored", "late": True}
    ]
    cube.fold()
    same(closed, told(past))
    assert margin(by=["customer"], period=november).total.revenue != before.revenue
    late = margin(by=["day"], period=november, filters={"charge_class": ["late usage"]})
    assert [(row.key, row.events) for row in late.rows] == [(("2026-11-01",), 1)]
    assert {row.reason.split(":")[0] for row in adjustments()} >= {
        "usage received after the close", "usage is priced otherwise", "revenue changed",
    }  # fmt: skip
    # All months together say what today's meaning says, closed or not.
    totals = [(by, {}, ALL, basis) for by, _, _, basis in QUESTIONS[:4]]
    everything = told(totals)
    reopen_month(month=OCT, reason="to compare", now=NOW)
    for at, (_, total, *_) in told(totals).items():
        held = everything[at][1]
        for name in ("revenue", "cost", "cost_of_revenue", "allocated_cost", "tokens", "events"):
            assert getattr(held, name) == getattr(total, name), (totals[at], name)
    before = told()
    close(OCT)  # the late call stays where it was posted
    same(before, told())
    assert [(c.month, c.revision) for c in MonthClose.objects.order_by("pk")] == [
        (OCT, 1), (OCT, 2),
    ]  # fmt: skip
    assert verify_closed() == (2, [])


def test_a_month_with_adjustments_closes_with_the_figures_it_had(company, send, event):
    close(SEP)
    change_everything()
    send([event(id="late", time="2026-09-09T10:00:00Z", customer="acme", model="mystery")])
    cube.fold()
    before = told()
    close(OCT)
    same(before, told())
    assert {row.month for row in adjustments()} == set()
    assert verify_closed() == (2, [])


def change_everything():
    """Prices, whose usage is, attributes and revenue, back into the past."""
    Price.objects.filter(token_class="output_tokens").update(per_million=Decimal(20))
    CustomerAlias.objects.create(customer=Customer.objects.get(external_id="beta"), alias="nobody")
    CustomerAttribute.objects.filter(name="tier").update(value="silver")
    InvoiceLine.objects.filter(amount_minor=90_01).update(amount_minor=50_01)
    cube.fold()


@pytest.fixture
def little(send, event, prices):
    """One call in October and one in November."""
    send([event(id="1"), event(id="2", time="2026-11-05T10:00:00Z")])
    cube.fold()


def refused(statement, *values):
    with pytest.raises(DatabaseError) as error, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)
    return str(error.value)


def test_months_close_in_order_and_the_database_holds_it(little):
    again = "INSERT INTO usage_monthclosing (month, is_closed) VALUES (%s, %s)"
    assert "usage_monthclosing_is_first_day" in refused(again, dt.date(2026, 11, 2), True)
    with pytest.raises(ClosingError, match=r"attribution: .* has no customer"):
        close_month(month=OCT, now=NOW)
    with pytest.raises(ClosingError, match="2026-12 has not ended"):
        close(dt.date(2026, 12, 1))
    made = close(OCT)
    with pytest.raises(ClosingError, match="closed already"):
        close_month(month=OCT, now=NOW)
    with pytest.raises(ClosingError, match="after 2026-10 comes 2026-11"):
        close_month(month=SEP, now=NOW)
    with pytest.raises(ClosingError, match="2026-09 is not closed"):
        reopen_month(month=SEP, reason="x", now=NOW)
    with pytest.raises(ClosingError, match="needs a reason"):
        reopen_month(month=OCT, reason=" ", now=NOW)
    assert "months close in order" in refused(again, SEP, True)
    assert "only the last closed month" in refused(again, SEP, False)
    batch = UsageBatchMonth.objects.order_by("pk").values_list("batch_id", flat=True)[0]
    into = (
        "INSERT INTO usage_usagebatchmonth (batch_id, usage_month, posting_month) "
        "VALUES (%s, %s, %s)"
    )
    assert "2026-10 is closed" in refused(into, batch, SEP, OCT)
    for table in ("billing_monthclose", "billing_checksignature"):
        assert "never changed" in refused(f"DELETE FROM {table}")
    assert "never changed" in refused("UPDATE billing_monthclose SET revision = 7")
    path = configured.CLOSED_DIR / made.file_name
    path.chmod(0o644)
    with path.open("ab") as stream:
        stream.write(b"x")
    assert verify_closed() == (
        1, [f"2026-10 revision 1: the file {made.file_name} is not the one that was closed"],
    )  # fmt: skip


def test_a_finding_that_changes_is_unsigned_again(little):
    sign(month=OCT, name="attribution", note="a test account", signed_name="Kim")
    states = {one.check.name: one.settled for one in checked(OCT)}
    assert states["attribution"]
    assert not states["tie-out"]
    with pytest.raises(ClosingError, match="'x' is no check; accepted: usage, "):
        sign(month=OCT, name="x", note="n", signed_name="Kim")
    lines = ["INVOICED,USD,0,", "revenue,usd,0,", 'COST,USD,"1.00",rounding']
    enter(month=OCT, figures=figures_of("\n".join([HEADER, *lines])))
    Price.objects.update(per_million=Decimal(300))
    now = {one.check.name: one.settled for one in checked(OCT)}
    assert not now["attribution"]
    assert now["tie-out"]
    for bad in ("a", f"{HEADER}\nX,USD,1,", f"{HEADER}\nCOST,USD,1.001,", f"{HEADER}\nCOST,US,1,"):
        with pytest.raises(ClosingError, match=r"line [12]: "):
            figures_of(bad)


def test_with_four_eyes_one_asks_and_another_approves(little, client, settings):
    settings.CLOSING_FOUR_EYES = True
    ensure_roles()
    people = []
    for name in ("ann", "bob"):
        user = get_user_model().objects.create_user(name, password="a-long-password", is_staff=True)
        user.groups.add(Group.objects.get(name="Finance admin"))
        people.append(user)
    ann, bob = people
    with pytest.raises(ClosingError, match="one person asks, another approves"):
        close_month(month=OCT, now=NOW, user=ann, approved_by=ann)
    for one in checked(OCT):
        if not one.settled:
            sign(month=OCT, name=one.check.name, note="known", user=ann)
    page = "/admin/closing/2026-10"

    def post(user, path, **data):
        client.force_login(user)
        return client.post(f"{page}/{path}", {"password": "a-long-password", **data}, follow=True)

    with time_machine.travel(NOW, tick=True):
        assert "This is not your password" in post(ann, "close", password="x").content.decode()
        assert "asked for" in post(ann, "close").content.decode()
        asked = CloseRequest.objects.get()
        own = post(ann, f"decide/{asked.pk}", decision="approve").content.decode()
        assert "approved by somebody else" in own
        assert not MonthClose.objects.exists()
        assert "is closed" in post(bob, f"decide/{asked.pk}", decision="approve").content.decode()
        made = MonthClose.objects.get()
        assert (made.closed_by, made.approved_by) == (ann, bob)
        for path in ("/admin/closing?verify", page, f"{page}/report", f"{page}/tie-out",
                     "/admin/adjustments"):  # fmt: skip
            assert client.get(path).status_code == 200
        report = client.get(f"{page}/report").context["table"]
        for name in ("events", "revenue", "cost", "margin"):
            assert report.total.cells[name] == sum(row.cells[name] or 0 for row in report.rows)
        assert client.get(f"{page}/report?revision=7").status_code == 400
        assert client.get("/admin/closing/2026-09/report").status_code == 404
        post(bob, "reopen", reason="a bill was missing")
        asked = CloseRequest.objects.get(decision="WAITING")
        post(ann, f"decide/{asked.pk}", decision="approve")
    assert Reopening.objects.get().reason == "a bill was missing"
    assert made.sha256[:12] in client.get("/admin/closing").content.decode()
