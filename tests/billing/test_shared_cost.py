"""Shared cost: worked examples by hand of every method, through pools, rules and the margin."""

import datetime as dt
from collections import defaultdict
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from billing.margin import allocations, margin
from billing.models import (
    AllocationRule,
    BillingCustomer,
    CostPool,
    CostPoolAmount,
    Plan,
    Subscription,
)
from customers.models import Customer, CustomerAttribute
from tknops.calendar import Period
from usage.cube import fold
from usage.models import Feature

pytestmark = pytest.mark.django_db
OCTOBER = Period(dt.date(2026, 10, 1), dt.date(2026, 11, 1))
LOADED = ("allocated_cost", "fully_loaded_cost", "loaded_margin", "loaded_margin_pct")


def pool(minor=10_000, start="2026-10-01", end="2026-11-01", **fields):
    fields = {"name": "GPUs", "kind": "GPU_RENT", "currency": "USD"} | fields
    made = CostPool.objects.create(**fields)
    CostPoolAmount.objects.create(
        pool=made, service_start=start, service_end=end, amount_minor=minor
    )
    return made


def rule(made, method="DIRECT_COST", target="customer", **fields):
    return AllocationRule.objects.create(
        pool=made, method=method, target=target, reason="agreed", **fields
    )


def shared(period=OCTOBER):
    sums = defaultdict(Decimal)
    for row in allocations(period):
        sums[row.month, row.target] += row.amount
    return dict(sums)


def october():
    return {target: amount for (_, target), amount in shared().items()}


def figures(by, period=OCTOBER, **filters):
    report = margin(by=[by], period=period, filters=filters)
    return {row.key[0]: row.allocated_cost for row in report.rows}


@pytest.fixture
def company(send, event, prices):
    """Acme's cost is 3.00 (2 calls), Beta's 1.00 and no customer's 0.50, by input at 2.50."""
    plans = {code: Plan.objects.create(code=code, name=code) for code in ("pro", "team")}
    for name, plan, price in (("acme", "pro", 30), ("beta", "team", 70)):
        customer = Customer.objects.create(external_id=name, name=name.title())
        billed = BillingCustomer.objects.create(external_id=name, customer=customer)
        Subscription.objects.create(
            external_id=name, billing_customer=billed, plan=plans[plan], price=price,
            currency="USD", start_date="2026-10-01",
        )  # fmt: skip
    for name in ("chat", "search", "evals"):
        Feature.objects.create(external_id=name, name=name)
    send([
        event(id="1", feature="chat", usage={"input_tokens": 800_000}),
        event(id="2", feature="search", usage={"input_tokens": 400_000}),
        event(id="3", customer="beta", feature="chat", usage={"output_tokens": 100_000}),
        event(id="4", customer="nobody", feature="evals", usage={"input_tokens": 200_000}),
    ])  # fmt: skip
    fold()


def test_by_direct_cost_three_to_one(company):
    """100.00 by 3.00 and 1.00: 75 and 25; who is nobody bears nothing."""
    rule(pool())
    assert october() == {"acme": 75, "beta": 25}
    [acme, beta] = allocations(OCTOBER)
    assert (acme.quantity, acme.share_pct, acme.method) == (3, 75, "DIRECT_COST")
    assert (beta.quantity, beta.share_pct, beta.pool.name) == (1, 25, "GPUs")


def test_the_measures_of_a_customer(company):
    """Revenue 30 − AI cost 3 = 27 (90 %); with 75 shared it is 30 − 78 = −48 (−160 %)."""
    rule(pool())
    row = margin(by=["customer"], period=OCTOBER, filters={"customer": ["acme"]}).rows[0]
    assert (row.margin, row.margin_pct) == (27, 90)
    assert tuple(getattr(row, name) for name in LOADED) == (75, 78, -48, -160)


def test_by_tokens_twelve_to_one(company):
    """1,200,000 and 100,000 tokens share 100.00: 92.3077 and 7.6923."""
    rule(pool(), "TOKENS")
    assert october() == {"acme": Decimal("92.31"), "beta": Decimal("7.69")}


def test_by_revenue_thirty_to_seventy(company):
    rule(pool(), "REVENUE")
    assert october() == {"acme": 30, "beta": 70}


def test_evenly_over_those_with_a_call_ties_go_to_the_first(company):
    """10.01 in two: 5.005 each, so the cent goes to the first by name. Idle bears nothing."""
    Customer.objects.create(external_id="idle", name="Idle")
    rule(pool(1001), "EVENLY")
    assert october() == {"acme": Decimal("5.01"), "beta": Decimal("5.00")}


def test_by_fixed_weights_largest_remainder(company):
    """100.00 by 1 : 1 : 1.5 is 28.571, 28.571, 42.857: the missing cent to the largest rest."""
    rule(pool(), "WEIGHTS", weights={"acme": "1", "beta": "1", "gamma": "1.5"})
    assert october() == {
        "acme": Decimal("28.57"), "beta": Decimal("28.57"), "gamma": Decimal("42.86")
    }  # fmt: skip


def test_a_negative_credit_is_shared_as_the_cost_is(company):
    """A credit of 33.33 by 3 : 1: −24.9975 and −8.3325."""
    rule(pool(-3333))
    assert october() == {"acme": Decimal("-25.00"), "beta": Decimal("-8.33")}
    assert figures("customer")["acme"] == -25


def test_yen_are_shared_in_whole_yen_and_stay_unconverted(company):
    """1,000 JPY by 3 : 1 over pieces of 1 yen; nothing of it is a dollar."""
    rule(pool(1001, currency="JPY"))
    assert october() == {"acme": 751, "beta": 250}
    report = margin(by=["customer"], period=OCTOBER)
    assert report.unconverted_allocated == {"JPY": 1001}
    assert (report.total.allocated_cost, report.unconverted) == (0, {})


def test_another_rule_from_the_middle_of_a_month(company):
    """310.00 for 31 days: 100.00 evenly to the 10th, then 210.00 to features by 1 : 2."""
    made = pool(31_000)
    rule(made, "EVENLY", valid_to="2026-10-11")
    rule(
        made, "WEIGHTS", "feature", weights={"chat": "1", "search": "2"}, valid_from="2026-10-11"
    )  # fmt: skip
    assert october() == {"acme": 50, "beta": 50, "chat": 70, "search": 140}
    assert figures("customer") == {
        "(not split)": 210, "(unattributed)": 0, "acme": 50, "beta": 50
    }  # fmt: skip
    assert figures("feature")["search"] == 140


def test_the_driver_is_measured_over_the_days_the_rule_is_in_force(company, send, event):
    """Beta's further call is of the 20th: the rule that ended on the 10th does not see it."""
    send(event(id="5", customer="beta", time="2026-10-20T00:00:00Z"))
    fold()
    made = pool(31_000)
    rule(made, "EVENLY", filters={"customer": ["beta"]}, valid_from="2026-10-15")
    assert october() == {"(not allocated)": 140, "beta": 170}
    AllocationRule.objects.update(valid_from=None, valid_to="2026-10-05")
    assert october() == {"(not allocated)": 310}


def test_no_driver_stays_not_allocated_and_is_shown(company):
    rule(pool(), filters={"feature": ["nothing"]})
    assert october() == {"(not allocated)": 100}
    report = margin(by=["customer"], period=OCTOBER)
    [row] = [row for row in report.rows if row.key[0] == "(not allocated)"]
    assert (row.cost, row.allocated_cost, row.loaded_margin) == (0, 100, -100)
    assert report.total.allocated_cost == 100


def test_a_filter_of_the_rule_counts_those_it_lets_through(company):
    """Only chat counts: 2.00 and 1.00, so 66.67 and 33.33."""
    rule(pool(), filters={"feature": ["chat"]})
    assert october() == {"acme": Decimal("66.67"), "beta": Decimal("33.33")}


def test_unattributed_usage_is_moved_not_counted_twice(company):
    """The 0.50 of evaluations goes to 3 : 1 = 0.38 and 0.12, and off the unattributed row."""
    made = CostPool.objects.create(name="Evaluations", kind="EVALUATIONS", currency="USD")
    CostPoolAmount.objects.create(
        pool=made, source="USAGE", service_start="2026-01-01", usage_filter={"feature": ["evals"]}
    )
    rule(made)
    by_customer = {
        "(unattributed)": Decimal("-0.50"), "acme": Decimal("0.38"), "beta": Decimal("0.12")
    }  # fmt: skip
    assert figures("customer") == by_customer
    assert figures("feature")["evals"] == Decimal("-0.50")
    report = margin(by=["customer"], period=OCTOBER)
    loaded = {row.key[0]: row.fully_loaded_cost for row in report.rows}
    assert loaded == {"(unattributed)": 0, "acme": Decimal("3.38"), "beta": Decimal("1.12")}
    assert report.total.allocated_cost == 0
    assert report.total.fully_loaded_cost == report.total.cost == Decimal("4.5")


def test_an_amount_over_several_months_is_spread_by_day(company):
    """90.00 over January to March of a common year is 31 / 28 / 31, half of March 15.50 = 15 d."""
    rule(pool(9000, "2026-01-01", "2026-04-01"), "WEIGHTS", weights={"acme": "1"})
    quarter = Period(dt.date(2026, 1, 1), dt.date(2026, 4, 1))
    assert list(shared(quarter).values()) == [31, 28, 31]
    half = Period(dt.date(2026, 3, 1), dt.date(2026, 3, 16))
    assert figures("customer", half) == {"acme": 15}


def test_a_part_of_a_month_is_spread_over_the_days_the_pool_covers(company):
    """17.00 from the 15th to the 31st: nothing before, a dollar a day after."""
    rule(pool(1700, "2026-10-15"), "WEIGHTS", weights={"acme": "1"})
    days = {d: v for d, v in figures("day").items() if v}
    assert (min(days), len(days), set(days.values())) == ("2026-10-15", 17, {1})


def test_by_a_dimension_shared_cost_lacks_it_stands_alone(company):
    rule(pool())
    report = margin(by=["model"], period=OCTOBER)
    assert {row.key[0]: row.allocated_cost for row in report.rows} == {
        "(not split)": 100, "gpt-4o": None,
    }  # fmt: skip
    assert report.total.fully_loaded_cost == Decimal("104.5")
    alone = margin(by=[], period=OCTOBER, filters={"model": ["gpt-4o"]}).total
    assert (alone.cost, alone.allocated_cost, alone.loaded_margin) == (Decimal("4.5"), None, None)


def test_a_filter_by_what_only_some_pools_know_leaves_the_rest_unknown(company):
    """Chat bears 40.00 of one pool; what it would bear of the customers' pool is not known."""
    rule(pool())
    assert figures("customer", feature=["chat"]) == {"acme": None, "beta": None}
    assert margin(by=[], period=OCTOBER, filters={"feature": ["chat"]}).total.loaded_margin is None
    rule(pool(4000, name="Index"), "WEIGHTS", "feature", weights={"chat": "1"})
    assert figures("feature", feature=["chat"]) == {"chat": 40}


def test_the_plans_of_a_customer_share_its_part_as_its_usage(company):
    """Acme has pro for 30 and, from the 17th, team for 30: 16 days alone, 15 days half."""
    Subscription.objects.create(
        external_id="acme-2", billing_customer=BillingCustomer.objects.get(external_id="acme"),
        plan=Plan.objects.get(code="team"), price=30, currency="USD", start_date="2026-10-17",
    )  # fmt: skip
    made = pool(3100)
    rule(made, "WEIGHTS", weights={"acme": "1"})
    assert figures("plan")["pro"] == Decimal("23.50")
    assert figures("plan")["team"] == Decimal("7.50")
    rule_of_plans = AllocationRule.objects.get()
    rule_of_plans.target, rule_of_plans.weights = "plan", {"team": "1"}
    rule_of_plans.save()
    assert figures("plan")["team"] == 31
    assert figures("customer")["(not split)"] == 31


def test_an_attribute_is_that_of_the_customer_on_the_day(company):
    acme = Customer.objects.get(external_id="acme")
    CustomerAttribute.objects.create(
        customer=acme, name="tier", value="gold", valid_from="2026-10-22"
    )
    rule(pool(3100), "WEIGHTS", weights={"acme": "1"})
    assert figures("customer.tier") == {"(none)": 21, "gold": 10}


def test_the_class_of_a_pool_can_be_grouped_and_filtered_by(company):
    rule(pool(cost_class="OPEX"))
    assert figures("cost_class")["OPEX"] == 100
    assert figures("customer", cost_class=["OPEX"])["acme"] == 75


def test_a_changed_rule_shows_at_once_and_changing_back_gives_the_same(company):
    made = rule(pool())
    before = margin(by=["customer"], period=OCTOBER)
    AllocationRule.objects.filter(pk=made.pk).update(method="EVENLY")
    assert figures("customer")["beta"] == 50
    AllocationRule.objects.filter(pk=made.pk).update(method="DIRECT_COST")
    assert margin(by=["customer"], period=OCTOBER).rows == before.rows


@pytest.mark.parametrize(
    ("method", "fields"),
    [
        ("EVENLY", {"valid_from": "2026-03-01"}),  # overlaps
        ("REVENUE", {"target": "feature", "valid_to": "2020-01-01"}),
        ("WEIGHTS", {"valid_to": "2020-01-01"}),
        ("EVENLY", {"weights": {"acme": "1"}, "valid_to": "2020-01-01"}),
        ("EVENLY", {"valid_from": "2020-01-02", "valid_to": "2020-01-02"}),
        ("GUESSED", {"valid_to": "2020-01-01"}),
    ],
)
def test_the_database_forbids_rules_that_contradict(method, fields):
    made = pool()
    rule(made, valid_from="2026-01-01")
    with pytest.raises(IntegrityError), transaction.atomic():
        rule(made, method, **fields)


@pytest.mark.parametrize(
    "fields",
    [
        {"amount_minor": None, "service_end": "2026-11-01"},
        {"amount_minor": 1, "service_end": None},
        {"amount_minor": 1, "service_end": "2026-10-01"},
        {"amount_minor": 1, "service_end": "2026-11-01", "source": "IMPORT"},
        {"amount_minor": 1, "source": "USAGE", "usage_filter": {"feature": ["a"]}},
        {"source": "USAGE"},
    ],
)
def test_the_database_forbids_amounts_that_are_none(fields):
    made = pool()
    with pytest.raises(IntegrityError), transaction.atomic():
        CostPoolAmount.objects.create(pool=made, service_start="2026-10-01", **fields)
