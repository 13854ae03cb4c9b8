"""Every dimension and every split of the range sums to the same total; the cube is the ledger."""

import datetime as dt
import sys
from decimal import Decimal, localcontext
from itertools import pairwise

import msgspec
import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from billing.margin import margin
from billing.measures import is_dated
from billing.models import BillingCustomer, Invoice, InvoiceLine, Plan, Subscription
from billing.revenue.recognition import recognised
from customers.models import Customer, CustomerAttribute, CustomerParent
from tknops.calendar import Period
from tknops.money import EXACT
from usage.cube import fold, rebuild, verify
from usage.ingest import ingest, intern
from usage.models import CubeSegment, Feature, FeatureAttribute, Price, Source

START, END = dt.date(2026, 3, 1), dt.date(2026, 5, 1)
OCTOBER = Period(dt.date(2026, 10, 1), dt.date(2026, 11, 1))
DIMENSIONS = (
    "customer", "plan", "feature", "model", "provider", "environment", "source", "operation",
    "outcome", "end_user", "team", "service_tier", "day", "week", "month", "quarter",
    "tag.release", "customer.tier", "customer_group", "end_user.role", "team.line",
    "feature.line",
)  # fmt: skip
# Days on which a value of an attribute, a parent or a feature's line ends and the next begins.
changes = st.lists(st.dates(dt.date(2026, 2, 20), dt.date(2026, 5, 10)), max_size=3, unique=True)
moments = st.integers(0, 60 * 86_400).map(
    lambda second: dt.datetime(2026, 3, 1, tzinfo=dt.UTC) + dt.timedelta(seconds=second)
)
calls = st.fixed_dictionaries({
    "time": moments.map(dt.datetime.isoformat),
    "model": st.sampled_from(["a", "b", "unknown"]),
    "provider": st.just("p"),
    "customer": st.sampled_from(["c1", "c2", "stranger"]),
    "feature": st.sampled_from(["chat", "search"]),
    "tags": st.sampled_from([{}, {"release": "1"}, {"release": "2"}]),
    "usage": st.fixed_dictionaries({
        "input_tokens": st.integers(0, 10**12),
        "output_tokens": st.integers(0, 10**6),
        "cache_read_tokens": st.integers(0, 3),
    }),
})  # fmt: skip
prices = st.decimals(0, 1000, places=10)
amounts = st.integers(-(10**9), 10**9)


def describe(edges):
    """Give c1 a tier, chat a line and c2 parents, each changing on these days."""
    c1, c2 = (Customer.objects.get(external_id=name) for name in ("c1", "c2"))
    chat = Feature.objects.create(external_id="chat", name="Chat")
    above = [c1, Customer.objects.create(external_id="h", name="H")]
    starts = [None, *sorted(edges)]
    for number, (start, end) in enumerate(zip(starts, [*starts[1:], None], strict=True)):
        days = {"valid_from": start, "valid_to": end}
        value = {"value": str(number), **days}
        CustomerAttribute.objects.create(customer=c1, name="tier", **value)
        FeatureAttribute.objects.create(feature=chat, name="line", **value)
        CustomerParent.objects.create(customer=c2, parent=above[number % 2], **days)


def build(sent, input_price, output_price, amount, edges=()):
    for model in ("a", "b"):
        for token_class, price in (("input_tokens", input_price), ("output_tokens", output_price)):
            Price.objects.create(
                provider_code="p", model=model, token_class=token_class, per_million=price
            )
    Price.objects.create(
        provider_code="p", model="b", token_class="input_tokens", threshold=1000, per_million=1
    )
    for external_id in ("c1", "c2"):
        customer = Customer.objects.create(external_id=external_id, name=external_id)
        billed = BillingCustomer.objects.create(external_id=external_id, customer=customer)
        for code, price in (("one", "7"), ("two", "12.34")):
            plan, _ = Plan.objects.get_or_create(code=code, defaults={"name": code})
            Subscription.objects.create(
                external_id=external_id + code, billing_customer=billed, plan=plan,
                price=Decimal(price), currency="USD", start_date=dt.date(2026, 3, 9),
            )  # fmt: skip
        invoice = Invoice.objects.create(
            external_id=external_id, billing_customer=billed, invoice_date=START, currency="USD"
        )
        InvoiceLine.objects.create(
            invoice=invoice, plan=plan, amount_minor=amount, service_start=dt.date(2026, 2, 11),
            service_end=dt.date(2026, 5, 7),
        )  # fmt: skip
    describe(edges)
    source = Source.objects.create(name="s")
    half = len(sent) // 2
    now = dt.datetime(2026, 5, 2, tzinfo=dt.UTC)
    for number, part in enumerate((sent[:half], sent[half:])):
        body = [{**one, "id": f"{number}-{index}"} for index, one in enumerate(part)]
        assert not ingest(msgspec.json.encode(body), source=source, received_at=now).rejected
        fold()


def summed(*reports):
    rows = [row for report in reports for row in report.rows]
    with localcontext(EXACT):
        return (
            sum(row.events for row in rows),
            sum((row.cost for row in rows if row.cost is not None), Decimal(0)),
            sum((row.revenue for row in rows if row.revenue is not None), Decimal(0)),
            sum(row.unpriced_events for row in rows),
            sum(row.unpriced_tokens for row in rows),
        )


@pytest.mark.django_db
@settings(
    max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(calls, min_size=1, max_size=25), prices, prices, amounts, st.dates(START, END),
    st.lists(st.sampled_from(DIMENSIONS), max_size=3, unique=True), changes,
)  # fmt: skip
def test_any_dimension_and_any_split_sums_to_the_same_total(
    sent, p_in, p_out, amount, cut, chosen, edges
):
    with transaction.atomic():
        intern.forget()
        build(sent, p_in, p_out, amount, edges)
        whole = margin(by=[], period=Period(START, END))
        questions = [(by, None) for by in [*((name,) for name in DIMENSIONS), chosen]]
        questions += [(by, cut) for by, _ in questions if any(map(is_dated, by))]
        for by, on in questions:
            report = margin(by=by, period=Period(START, END), attributes_on=on)
            assert report.total.cost == whole.total.cost, by
            assert report.total.revenue == whole.total.revenue, by
            assert report.total.tokens == whole.total.tokens, by
            assert summed(report) == summed(whole), by
            for row in report.rows[:2] if len(by) == 1 else ():
                filters = {by[0]: [row.key[0]]}
                alone = margin(
                    by=[], period=Period(START, END), filters=filters, attributes_on=on
                ).total
                assert (alone.events, alone.cost or 0) == (row.events, row.cost or 0), by
        halves = (Period(START, cut), Period(cut, END))
        parts = [margin(by=chosen, period=period) for period in halves if period.days]
        assert summed(*parts) == summed(whole)
        assert verify() == []
        rebuild()
        assert verify() == []
        assert summed(margin(by=[], period=Period(START, END))) == summed(whole)
        transaction.set_rollback(True)


@given(amounts, st.integers(1, 400), st.lists(st.integers(0, 400), max_size=5))
def test_slices_sum_to_the_line(amount, days, cuts):
    start = dt.date(2026, 1, 1)
    service = Period(start, start + dt.timedelta(days=days))
    edges = sorted({0, days, *(cut for cut in cuts if cut < days)})
    slices = [
        recognised(amount, service, Period(start + dt.timedelta(a), start + dt.timedelta(b)))
        for a, b in pairwise(edges)
    ]
    assert sum(slices) == amount


class KilledError(Exception):
    pass


@pytest.mark.django_db
@pytest.mark.parametrize("step", ["aggregate", "write_segment", "UnfoldedBatch"])
def test_a_fold_killed_at_any_step_leaves_the_cube_right(step, send, event, monkeypatch):
    module = sys.modules["usage.cube.fold"]
    send([event(id=str(n)) for n in range(3)])

    def die(*_args, **_keywords):
        raise KilledError

    with monkeypatch.context() as patch:
        if step == "UnfoldedBatch":
            patch.setattr(module.UnfoldedBatch.objects, "filter", die)
        else:
            patch.setattr(module, step, die)
        with pytest.raises(KilledError):
            fold()
    assert verify() == []
    assert margin(by=[], period=OCTOBER).total.events == 0
    assert fold() == 1
    assert verify() == []
    assert margin(by=[], period=OCTOBER).total.events == 3


@pytest.mark.django_db
def test_compaction_changes_nothing_and_verify_finds_a_seeded_defect(send, event):
    for n in range(17):
        send(event(id=str(n)))
        fold()
    live = CubeSegment.objects.filter(replaced_at=None)
    assert live.count() == 2
    assert verify() == []
    live.order_by("-pk").first().delete()
    assert verify() != []
