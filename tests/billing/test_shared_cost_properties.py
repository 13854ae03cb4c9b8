"""Shared cost never loses a cent, ties over any dimensions, and leaves direct margin alone."""

import datetime as dt
from decimal import Decimal, localcontext

import msgspec
import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from billing.margin import allocations, margin
from billing.models import (
    AllocationRule,
    BillingCustomer,
    CostPool,
    CostPoolAmount,
    Plan,
    Subscription,
)
from billing.revenue.recognition import recognised
from customers.models import Customer, CustomerAttribute
from tknops.calendar import Period
from tknops.money import EXACT
from usage.cube import fold
from usage.ingest import ingest, intern
from usage.models import Feature, Price, Source

pytestmark = pytest.mark.django_db
START, END = dt.date(2026, 3, 1), dt.date(2026, 5, 1)
WHOLE = Period(START, END)
DIMENSIONS = (
    "customer", "plan", "feature", "model", "cost_class", "environment", "end_user", "day", "month",
    "tag.release", "customer.tier",
)  # fmt: skip
DIRECT = ("key", "events", "tokens", "cost", "revenue", "margin", "margin_pct", "unpriced_events")
NAMES = {
    "customer": ["c1", "c2", "c3"], "plan": ["one", "two"], "feature": ["chat", "search", "evals"]
}  # fmt: skip
days = st.dates(dt.date(2026, 2, 10), dt.date(2026, 5, 20))
amounts = st.lists(
    st.tuples(days, st.integers(1, 90), st.integers(-(10**9), 10**9)), min_size=1, max_size=3
)
calls = st.lists(
    st.fixed_dictionaries({
        "time": st.integers(0, 60 * 86_400).map(
            lambda s: (dt.datetime(2026, 3, 1, tzinfo=dt.UTC) + dt.timedelta(0, s)).isoformat()
        ),
        "provider": st.just("p"),
        "model": st.sampled_from(["a", "unknown"]),
        "customer": st.sampled_from(["c1", "c2", "stranger"]),
        "feature": st.sampled_from(["chat", "search", "evals"]),
        "tags": st.sampled_from([{}, {"release": "1"}]),
        "usage": st.fixed_dictionaries({"input_tokens": st.integers(0, 10**9)}),
    }),
    min_size=1,
    max_size=12,
)  # fmt: skip


@st.composite
def rules(draw):
    """Rules side by side: to anything by anything, some days without one."""
    edges = sorted(draw(st.lists(days, min_size=2, max_size=4, unique=True)))
    found = []
    for start, end in zip(edges, [*edges[1:], None], strict=True):
        target = draw(st.sampled_from(list(NAMES)))
        methods = [m for m in AllocationRule.Method.values if (m, target) != ("REVENUE", "feature")]
        method = draw(st.sampled_from(methods))
        weights = {}
        if method == "WEIGHTS":
            some = draw(st.lists(st.sampled_from(NAMES[target]), min_size=1, unique=True))
            weights = {name: draw(st.sampled_from(["1", "2.5", "0.000001"])) for name in some}
        narrow = draw(st.sampled_from([{}, {"feature": ["chat"]}, {"plan": ["one"]}]))
        filters = {} if method in {"WEIGHTS", "REVENUE"} else narrow
        found.append({
            "target": target, "method": method, "weights": weights, "filters": filters,
            "valid_from": start, "valid_to": end,
        })  # fmt: skip
    return found if draw(st.booleans()) else found[:-1]


def company(sent):
    Price.objects.create(
        provider_code="p", model="a", token_class="input_tokens", per_million="3.0000000001"
    )
    for name in ("c1", "c2"):
        customer = Customer.objects.create(external_id=name, name=name)
        billed = BillingCustomer.objects.create(external_id=name, customer=customer)
        for code, price in (("one", "7"), ("two", "12.34")):
            plan, _ = Plan.objects.get_or_create(code=code, defaults={"name": code})
            Subscription.objects.create(
                external_id=name + code, billing_customer=billed, plan=plan, price=Decimal(price),
                currency="USD", start_date=dt.date(2026, 3, 9),
            )  # fmt: skip
    CustomerAttribute.objects.create(
        customer=customer, name="tier", value="gold", valid_from=dt.date(2026, 4, 12)
    )
    for name in NAMES["feature"]:
        Feature.objects.create(external_id=name, name=name)
    body = [{**one, "id": str(index)} for index, one in enumerate(sent)]
    now = dt.datetime(2026, 5, 2, tzinfo=dt.UTC)
    source = Source.objects.create(name="s")
    assert not ingest(msgspec.json.encode(body), source=source, received_at=now).rejected
    fold()


def share(lines, wanted):
    pool = CostPool.objects.create(name="pool", currency="USD")
    for start, length, minor in lines:
        CostPoolAmount.objects.create(
            pool=pool, service_start=start, service_end=start + dt.timedelta(length),
            amount_minor=minor,
        )  # fmt: skip
    usage = CostPool.objects.create(name="usage", currency="USD")
    CostPoolAmount.objects.create(
        pool=usage, source="USAGE", service_start=dt.date(2026, 3, 10),
        usage_filter={"feature": ["evals"]},
    )  # fmt: skip
    for one in wanted:
        AllocationRule.objects.create(pool=pool, reason="random", **one)
        AllocationRule.objects.create(pool=usage, reason="random", **one)


def direct(report):
    """Give the rows there are without pools: those of shared cost alone have nothing direct."""
    rows = [
        tuple(str(getattr(row, name)) for name in DIRECT)
        for row in report.rows
        if row.events or row.cost or row.revenue or any(row.tokens.values())
    ]
    return rows, tuple(getattr(report.total, name) for name in DIRECT)


def total(report, name):
    known = [value for row in report.rows if (value := getattr(row, name)) is not None]
    return sum(known, Decimal(0))


@settings(
    max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    calls, amounts, rules(), st.dates(START, END),
    st.lists(st.sampled_from(DIMENSIONS), max_size=3, unique=True),
)  # fmt: skip
def test_parts_sum_to_the_pool_and_tie_over_any_dimensions(sent, lines, wanted, cut, chosen):
    with transaction.atomic(), localcontext(EXACT):
        intern.forget()
        company(sent)
        asked = [(name,) for name in DIMENSIONS] + [tuple(chosen)]
        before = {by: direct(margin(by=by, period=WHOLE)) for by in asked}
        share(lines, wanted)

        rows = [row for row in allocations(WHOLE) if row.pool.name == "pool"]
        for month in WHOLE.months():
            cost = sum(
                recognised(minor, Period(start, start + dt.timedelta(length)), month)
                for start, length, minor in lines
            )
            key = f"{month.start:%Y-%m}"
            assert sum(row.amount for row in rows if row.month == key) * 100 == cost
        moved = [row.amount for row in allocations(WHOLE) if row.pool.name == "usage"]
        assert sum(moved) == 0

        expected = sum((row.amount for row in rows), Decimal(0))
        for by in asked:
            report = margin(by=by, period=WHOLE)
            assert direct(report) == before[by], by
            assert report.total.allocated_cost == total(report, "allocated_cost") == expected, by
            assert report.total.fully_loaded_cost == (report.total.cost or 0) + expected or (
                report.total.cost is None
            ), by
        halves = [Period(START, cut), Period(cut, END)]
        parts = [margin(by=chosen, period=half) for half in halves if half.days]
        assert sum(total(part, "allocated_cost") for part in parts) == expected
        transaction.set_rollback(True)
