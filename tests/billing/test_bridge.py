import datetime as dt
from dataclasses import replace
from decimal import Decimal

import pytest
from django.contrib.auth import get_user_model
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from billing.models import ExchangeRate
from billing.reports.bridge import Side, Use, bridge, bridge_table
from customers.models import Customer
from tknops.money import round_half_up
from usage.cube import fold
from usage.models import Price

MONEY = st.decimals(min_value=-10_000, max_value=10_000, places=2)
COST = st.decimals(min_value=0, max_value=10_000, places=12)
CUSTOMERS = st.dictionaries(st.sampled_from("abcdef"), MONEY, max_size=6)
SKUS = st.tuples(st.sampled_from(["openai", "google"]), st.sampled_from(["m1", "m2", "m3"]))
USES = st.builds(Use, calls=st.integers(0, 10**9), tokens=st.integers(0, 10**12), cost=COST)
SIDES = st.builds(
    Side,
    days=st.integers(1, 31),
    month_days=st.integers(28, 31),
    revenue=CUSTOMERS,
    credits=CUSTOMERS,
    models=st.dictionaries(SKUS, USES, max_size=6),
    unattributed=COST,
    revenue_rates=CUSTOMERS,
    cost_rates=st.dictionaries(SKUS, MONEY, max_size=6),
    unattributed_rates=MONEY,
    priced=CUSTOMERS,
    revenue_corrections=MONEY,
    cost_corrections=COST,
)


def side(*, days=30, revenue=(), credited=(), models=(), unattributed="0"):
    return Side(
        days=days,
        month_days=days,
        revenue={k: Decimal(v) for k, v in dict(revenue).items()},
        credits={k: Decimal(v) for k, v in dict(credited).items()},
        models={
            k: Use(calls, tokens, Decimal(cost))
            for k, (calls, tokens, cost) in dict(models).items()
        },
        unattributed=Decimal(unattributed),
    )


def moved(effects):
    return {name: amount for name, amount in effects.items() if amount}


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(before=SIDES, now=SIDES, repriced=st.sets(SKUS))
def test_effects_sum_exactly_to_the_change_of_the_margin(before, now, repriced):
    effects = bridge(before, now, repriced=repriced)
    assert sum(effects.values()) == now.margin - before.margin


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(before=SIDES, now=SIDES)
def test_shown_rows_and_the_rounding_row_add_up_to_the_shown_margin(before, now):
    effects = bridge(before, now, repriced=())
    table = bridge_table(effects, start="a", end="b", margin=before.margin)
    shown = sum(round_half_up(row.cells["effect"], 2) for row in table.rows)
    left = [cell.value for cell in table.rounding_cells() if cell.column.key == "effect"]
    assert shown + sum(filter(None, left)) == round_half_up(table.total.cells["effect"], 2)


def test_customers_that_come_go_grow_and_shrink_are_told_apart():
    before = side(revenue={"old": 100, "grows": 50, "shrinks": 80})
    now = side(revenue={"fresh": 70, "grows": 90, "shrinks": 60})
    assert moved(bridge(before, now, repriced=())) == {
        "new": 70,
        "expansion": 40,
        "contraction": -20,
        "churned": -100,
    }


def test_a_yearly_price_in_a_longer_month_is_no_expansion():
    effects = bridge(
        side(days=30, revenue={"a": "300"}), side(days=31, revenue={"a": "310"}), repriced=()
    )
    assert moved(effects) == {"calendar": 10}


def test_equal_days_of_a_running_month_at_one_monthly_price_are_no_expansion():
    before = Side(10, 31, {"a": Decimal("100.00")}, {}, {})
    now = Side(10, 30, {"a": Decimal("103.33")}, {}, {})
    assert moved(bridge(before, now, repriced=())) == {"calendar": Decimal("3.33")}


def test_a_price_is_no_expansion_and_moves_only_who_stays():
    """15 of the 40 more are price, so 25 expansion; who comes or goes has no price."""
    before = side(revenue={"stays": "100", "gone": "50"})
    now = replace(
        side(revenue={"stays": "140", "fresh": "60"}),
        priced={"stays": Decimal(15), "fresh": Decimal(9), "gone": Decimal(9)},
    )
    assert moved(bridge(before, now, repriced=())) == {
        "new": 60, "expansion": 25, "churned": -50, "price": 15,
    }  # fmt: skip


def test_a_rise_of_price_in_a_longer_month_is_price_and_calendar():
    """A yearly 3,650 is 300 in 30 days, 310 in 31; at 20 % more 372, of which 62 are price."""
    now = replace(side(days=31, revenue={"a": "372"}), priced={"a": Decimal(62)})
    effects = bridge(side(days=30, revenue={"a": "300"}), now, repriced=())
    assert moved(effects) == {"price": 62, "calendar": 10}


def test_a_credit_note_is_its_own_effect():
    effects = bridge(
        side(revenue={"a": "100"}), side(revenue={"a": "60"}, credited={"a": "-40"}), repriced=()
    )
    assert moved(effects) == {"credits": -40}


def test_a_rate_is_no_expansion_and_no_price():
    """100 EUR at 1.10, then 120 EUR at 1.20: 20 EUR × 1.20 are expansion, 100 × 0.10 currency.

    Ten EUR of cost at the same rates: 11.00, then 12.00; nothing but the rate moved it.
    """
    before = replace(
        side(revenue={"a": "110"}, models={("p", "m"): (10, 1000, "11")}),
        revenue_rates={"a": Decimal(-10)}, cost_rates={("p", "m"): Decimal(-1)},
    )  # fmt: skip
    now = side(revenue={"a": "144"}, models={("p", "m"): (10, 1000, "12")})
    assert moved(bridge(before, now, repriced=())) == {
        "expansion": 24, "currency": 10, "cost_currency": -1,
    }  # fmt: skip


def test_corrections_of_closed_months_are_effects_of_their_own():
    now = replace(side(), revenue_corrections=Decimal(-7), cost_corrections=Decimal(3))
    effects = bridge(side(), now, repriced=())
    assert moved(effects) == {"corrections": -7, "cost_corrections": -3}


@pytest.mark.django_db
def test_the_overview_tells_the_currency_apart(import_bytes, send, event, prices, client):
    """31 EUR a month at 1.10 in September, 1.20 in October; a EUR price of 1,000 EUR per million.

    Billed in advance: 31 × 1.10 = 34.10, 31 × 1.20 = 37.20. One call of 1,000 tokens each: 1.10,
    then 1.20. All at the closing 1.20 the margin is the same, so all of it is currency.
    """
    send([
        event(id=str(month), time=f"2026-{month:02}-05T10:00:00Z", usage={"input_tokens": 1000})
        for month in (9, 10)
    ])  # fmt: skip
    fold()
    Customer.objects.create(external_id="acme", name="Acme")
    Price.objects.filter(token_class="input_tokens").update(currency="EUR", per_million=1000)
    for day, rate in ((1, "1.10"), (30, "1.20")):
        for at in range(0, 30 if day == 1 else 31, 5):
            date = dt.date(2026, 9, 1) + dt.timedelta(at + (30 if day == 30 else 0))
            ExchangeRate.objects.create(
                base="EUR", quote="USD", date=date, rate=Decimal(rate), source="t"
            )
    import_bytes(
        b"external_customer_id,invoice_id,line_id,plan_code,amount,currency,service_start,"
        b"service_end,invoice_date,type,status\n"
        b"acme,I1,1,pro,31,EUR,2026-09-01,2026-10-01,2026-09-01,recurring,paid\n"
        b"acme,I2,1,pro,31,EUR,2026-10-01,2026-11-01,2026-10-01,recurring,paid\n"
    )
    client.force_login(get_user_model().objects.create_superuser("boss"))
    page = client.get("/admin/overview?month=2026-10&format=csv&table=bridge").content.decode()
    rows = [line.split(",")[:3] for line in page.splitlines()]
    assert [row for row in rows if row[1] in {"revenue", "cost of revenue"}] == [
        ["Currency", "revenue", "3.1"], ["Currency of cost", "cost of revenue", "-0.1"],
    ]  # fmt: skip


def test_twice_the_calls_at_the_same_cost_each_are_volume():
    effects = bridge(
        side(models={("p", "m"): (10, 1000, "5")}),
        side(models={("p", "m"): (20, 2000, "10")}),
        repriced=(),
    )
    assert moved(effects) == {"volume": -5}


def test_the_same_calls_on_a_cheaper_model_are_mix():
    effects = bridge(
        side(models={("p", "big"): (10, 1000, "10"), ("p", "small"): (10, 1000, "2")}),
        side(models={("p", "small"): (20, 2000, "4")}),
        repriced=(),
    )
    assert moved(effects) == {"mix": 8}


def test_a_price_cut_is_told_from_longer_calls():
    effects = bridge(
        side(models={("p", "m"): (10, 1000, "10")}),
        side(models={("p", "m"): (10, 1500, "12")}),
        repriced={("p", "m")},
    )
    assert moved(effects) == {"efficiency": -5, "provider_price": 3}
