"""Plan profitability: figures computed by hand, pure and through the pages."""

import csv
import datetime as dt
import io
import os
from decimal import Decimal

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st

from billing.margin import margin
from billing.models import (
    AllocationRule,
    BillingCustomer,
    CostPool,
    CostPoolAmount,
    Plan,
    Subscription,
)
from billing.reports.cohorts import cohorts_of
from billing.reports.plan.accounts import PlanAccount
from billing.reports.plan.allowance import Terms, allowance, recommended
from billing.reports.plan.pricing import coverage, covers, curve, price_for, prices
from billing.reports.plan.spread import histogram, percentile, percentiles, subsidy
from billing.reports.plan.whatif import AccountMonth, Change, what_if
from customers.models import Customer
from tknops.calendar import Period
from usage.cube import fold

EXAMPLES = int(os.environ.get("PLAN_EXAMPLES", "50"))
HEAD = (
    "external_customer_id,customer_name,invoice_id,plan_code,amount,currency,invoice_date,"
    "service_start,service_end\n"
)
# Five accounts of a plan at 40: what each costs in a month. Mean 30.
COSTS = {"ant": 5, "bee": 10, "cat": 15, "dog": 20, "elk": 100}
ORDERED = [Decimal(cost) for cost in COSTS.values()]
SIXTY = Terms(today=Decimal(40), target=Decimal(60), cover=60, digits=2)


def accounts():
    """A token costs a millionth of a dollar's 2.5 and a call holds 2 million of them: 5."""
    return [
        PlanAccount(
            "pro",
            key,
            key,
            "paying",
            Decimal(40),
            Decimal(cost),
            Decimal(40 - cost),
            None,
            cost * 400_000,
            cost // 5,
        )
        for key, cost in COSTS.items()
    ]


# Percentiles


def test_percentiles_of_five_accounts_are_of_nearest_rank():
    """Ranks of 5: P10 → 0.5 → 1st, P25 → 1.25 → 2nd, P50 → 3rd, P75 → 4th, P90 → 5th."""
    found = percentiles([Decimal(cost) for cost in (100, 5, 20, 15, 10)] + [None])
    assert found == {"p10": 5, "p25": 10, "p50": 15, "p75": 20, "p90": 100}
    assert percentile([], 50) is None


MONEY = st.decimals(min_value=0, max_value=1000, places=3)


@settings(max_examples=EXAMPLES, deadline=None)
@given(st.lists(MONEY, min_size=1, max_size=40), st.integers(1, 100))
def test_a_percentile_is_the_smallest_value_so_many_do_not_exceed(values, percent):
    plain = min(v for v in values if sum(x <= v for x in values) * 100 >= percent * len(values))
    assert percentile(sorted(values), percent) == plain


@settings(max_examples=EXAMPLES, deadline=None)
@given(st.lists(MONEY, min_size=1, max_size=40), MONEY)
def test_a_histogram_counts_each_account_once_and_where_it_lies(values, price):
    bins = histogram(values, price)
    if not bins:
        assert max([*values, price]) == 0 or percentile(sorted(values), 90) == price == 0
        return
    for one in bins:
        high = one.high if one.high is not None else Decimal("Infinity")
        assert one.count == sum(one.low <= value < high for value in values)
    assert sum(one.count for one in bins) == len(values)
    assert bins[-1].low > price or bins[-1].low == 0


# Who carries whom


def test_accounts_above_water_carry_those_under_it():
    """Kept 35 + 30 + 25 + 20 = 110, lost 60: 54.5455 of 100 kept, 15 by each of the four."""
    found = subsidy([Decimal(40) - cost for cost in ORDERED] + [None])
    assert (found.carrying, found.kept, found.losing, found.loss) == (4, 110, 1, 60)
    assert (found.pct, found.per_account) == (Decimal("54.5455"), 15)
    assert subsidy([Decimal(-1)]).pct is None


# Prices and whom they cover


def test_prices_and_the_share_of_accounts_each_covers():
    """At 60 % a price of 40 covers costs to 16: three of five. 20 ÷ 0.4 = 50 covers four."""
    found = {
        one.label: (one.price, one.share, one.covered, one.margin)
        for one in prices(ORDERED, today=Decimal(40), target=Decimal(60), digits=2)
    }
    assert found == {
        "Break-even: the mean cost": (30, 40, 2, 0),
        "Covers 50 % of accounts": (Decimal("37.50"), 60, 3, Decimal("37.5")),
        "Paid today on average": (40, 60, 3, 50),
        "Covers 75 % of accounts": (50, 80, 4, 100),
        "Covers 80 % of accounts": (50, 80, 4, 100),
        "Target price for 60 % margin": (75, 80, 4, 225),
        "Covers 90 % of accounts": (250, 100, 5, 1100),
        "Covers 95 % of accounts": (250, 100, 5, 1100),
        "Covers 100 % of accounts": (250, 100, 5, 1100),
    }
    steps = [(one.price, one.share) for one in curve(ORDERED, target=Decimal(60), digits=2)]
    assert steps == [
        (Decimal("12.50"), 20), (25, 40), (Decimal("37.50"), 60), (50, 80), (250, 100),
    ]  # fmt: skip


@settings(max_examples=EXAMPLES, deadline=None)
@given(MONEY, st.integers(0, 99), st.integers(0, 3))
def test_a_covering_price_is_the_smallest_there_is(cost, target, digits):
    price, step = price_for(cost, Decimal(target), digits), Decimal(1).scaleb(-digits)
    assert price == round(price, digits)
    assert covers(price, cost, Decimal(target))
    assert price < step or not covers(price - step, cost, Decimal(target))


@settings(max_examples=EXAMPLES, deadline=None)
@given(st.lists(MONEY, min_size=1, max_size=150), st.integers(0, 99))
def test_the_curve_rises_to_all_accounts(costs, target):
    steps = curve(costs, target=Decimal(target), digits=2)
    shares = [one.covered for one in steps]
    assert shares == sorted(shares)
    assert steps[-1].covered == len(costs)
    assert len(steps) <= 100
    for one in steps:
        assert one == coverage(costs, one.price, Decimal(target))


# Allowances


def test_the_recommended_allowance_holds_the_margin_where_that_covers_enough():
    """Affordable: 40 × 0.4 = 16. To cover 60 %, the third cost, 15: so 16; dog 4, elk 84 above.

    A token costs 0.0000025 and a call 5: 16 buy 6.4 million tokens or 3 calls.
    """
    found = recommended(accounts(), SIXTY)
    assert (found.cost, found.limited, found.within, found.share) == (16, 2, 3, 60)
    assert (found.over, found.price) == (88, 40)
    assert (found.tokens, found.calls) == (6_400_000, 3)


def test_it_asks_for_a_higher_price_where_todays_covers_too_few():
    """To cover 80 % it is the fourth cost, 20, which takes 20 ÷ 0.4 = 50."""
    found = recommended(accounts(), Terms(Decimal(40), Decimal(60), 80, 2))
    assert (found.cost, found.limited, found.over, found.price) == (20, 1, 80, 50)
    assert recommended([], SIXTY) is None


def test_break_even_usage_is_the_price_over_the_cost_per_token():
    """40 ÷ 0.0000025 = 16 million tokens at 0 %; elk alone uses more."""
    free = Terms(Decimal(40), Decimal(0), 50, 2)
    found = allowance(accounts(), free.affordable, free, "")
    assert (found.tokens, found.limited, found.over) == (16_000_000, 1, 60)


# What if


def month(revenue="40", cost="100", touched="60"):
    known = [None if figure is None else Decimal(figure) for figure in (revenue, cost, touched)]
    return AccountMonth("pro", "elk", "Elk", "2026-10", *known)


def test_what_is_above_an_allowance_is_not_served():
    """50 of 100 are served; of the 60 whose price falls by a tenth, 30 are: 50 − 3."""
    change = Change(allowance=Decimal(50), provider_pct=Decimal(-10))
    [found] = what_if([month()], change)
    assert (found.revenue, found.cost, found.margin_before, found.margin) == (40, 47, -60, -7)


def test_or_it_is_billed_to_those_who_pay():
    """50 above at 60 % margin: 50 ÷ 0.4 = 125 more revenue, all 100 served less 6."""
    change = Change(
        allowance=Decimal(50), charged=True, target=Decimal(60), provider_pct=Decimal(-10)
    )
    [paying, trial] = what_if([month(), month(revenue="0")], change)
    assert (paying.revenue, paying.cost) == (165, 94)
    assert (trial.revenue, trial.cost) == (0, 94)


def test_a_new_price_scales_what_each_paid():
    """From 40 to 59 on average: 40 → 59, a yearly payer's 30 → 44.25."""
    change = Change(price_from=Decimal(40), price_to=Decimal(59))
    found = what_if([month(), month(revenue="30"), month(revenue=None)], change)
    assert [one.revenue for one in found] == [59, Decimal("44.25"), None]


FIGURE = st.none() | MONEY


@settings(max_examples=EXAMPLES, deadline=None)
@given(FIGURE, FIGURE, st.decimals(min_value=0, max_value=1, places=2), MONEY)
def test_nothing_changed_changes_nothing_and_unknown_stays_unknown(revenue, cost, part, limit):
    row = AccountMonth("p", "c", "C", "m", revenue, cost, None if cost is None else cost * part)
    [same] = what_if([row], Change())
    assert (same.revenue, same.cost, same.margin) == (revenue, cost, same.margin_before)
    [limited] = what_if([row], Change(allowance=limit))
    assert limited.cost == (None if cost is None else min(cost, limit))
    [cheaper] = what_if([row], Change(provider_pct=Decimal(-100)))
    assert cheaper.cost == (None if cost is None else cost - cost * part)


# Through the pages


@pytest.fixture
def company(db, send, event, prices, import_bytes):
    """The five on plan pro at 40 a month, one on trial, one on a free plan; two months.

    In September all but ant and bee, who are new in October.
    """
    for key in (*COSTS, "fox", "gnu"):
        Customer.objects.create(external_id=key, name=key.title())
    rows = [
        f"{key},{key.title()},I-{key}-{month},pro,40,USD,2026-{month}-01,2026-{month}-01,{end}\n"
        for month, end in (("09", "2026-10-01"), ("10", "2026-11-01"))
        for key in COSTS
        if month == "10" or key not in {"ant", "bee"}
    ]
    import_bytes((HEAD + "".join(rows)).encode())
    plan = Plan.objects.get()
    for key, price, trial_end in (("fox", 40, "2026-12-01"), ("gnu", 0, None)):
        billed = BillingCustomer.objects.create(
            external_id=key, customer=Customer.objects.get(external_id=key)
        )
        Subscription.objects.create(
            external_id=key, billing_customer=billed, plan=plan, price=price, currency="USD",
            start_date="2026-10-01", trial_end_date=trial_end,
        )  # fmt: skip
    send([
        event(
            id=f"{key}-{day}", time=f"2026-{day}T10:00:00Z", customer=key, feature="chat",
            usage={"input_tokens": cost * 400_000},
        )
        for key, cost in (*COSTS.items(), ("fox", 2))
        for day in ("09-05", "10-05")
        if day == "10-05" or key in {"cat", "dog", "elk"}
    ])  # fmt: skip
    fold()


@pytest.fixture
def admin(client, db):
    client.force_login(get_user_model().objects.create_superuser("boss"))
    return client


def rows_of(admin, address, table=""):
    answer = admin.get(f"/admin/{address}&month=2026-10&format=csv&table={table}")
    return list(csv.DictReader(io.StringIO(answer.content.decode())))


def test_the_plan_page_shows_what_was_worked_out_by_hand(admin, company):
    answer = admin.get("/admin/plan/pro?month=2026-10&target=60&cover=60")
    found = answer.context
    assert found["counts"] == {"paying": 5, "trial": 1, "free": 1}
    assert (found["subsidy"].loss, found["subsidy"].pct) == (60, Decimal("54.5455"))
    assert (found["chosen"].cost, found["chosen"].limited, found["chosen"].over) == (16, 2, 88)
    assert (found["chosen"].tokens, found["today"].covered) == (6_400_000, 3)
    tables = {table.name: table for table in found["more"]}
    [october, september] = tables["months"].rows
    assert [october.cells[k] for k in ("month", "revenue", "cost_of_revenue", "accounts")] == [
        "2026-10", 200, 152, 5,
    ]  # fmt: skip
    assert (october.cells["trial"], october.cells["free"], october.cells["p90"]) == (1, 1, 100)
    assert [september.cells[k] for k in ("month", "revenue", "margin", "loss")] == [
        "2026-09", 120, -15, 60,
    ]  # fmt: skip
    over = [(row.cells["name"], row.cells["over"]) for row in tables["over"].rows]
    assert over == [("Elk", 84), ("Dog", 4)]
    assert [row.cells["per_call"] for row in tables["feature-plans"].rows] == [
        Decimal("25.33333333")
    ]
    page = answer.content.decode()
    assert "It limits 2 of 5 accounts, which used $88.00 above it" in " ".join(page.split())


def test_fully_loaded_cost_moves_prices_and_allowances(admin, company):
    """A pool of 152 by direct cost, itself 152 with fox: each bears its own cost once more.

    Costs 10, 20, 30, 40, 200: the third is 30, elk loses 160 and dog nothing.
    """
    pool = CostPool.objects.create(name="GPUs", kind="GPU_RENT", currency="USD")
    CostPoolAmount.objects.create(
        pool=pool, service_start="2026-10-01", service_end="2026-11-01", amount_minor=15_200
    )
    AllocationRule.objects.create(pool=pool, reason="agreed")
    found = admin.get("/admin/plan/pro?month=2026-10&target=60&cover=60&cost=loaded").context
    assert (found["chosen"].cost, found["chosen"].limited, found["chosen"].over) == (30, 2, 180)
    assert (found["subsidy"].loss, found["subsidy"].kept) == (160, 60)
    direct = admin.get("/admin/plan/pro?month=2026-10&target=60&cover=60").context
    assert (direct["chosen"].cost, direct["subsidy"].loss) == (16, 60)
    [october, *_] = next(t for t in direct["more"] if t.name == "months").rows
    assert (october.cells["fully_loaded_cost"], october.cells["loaded_margin"]) == (304, -104)


def test_the_plans_page_counts_every_kind_of_account(admin, company):
    [pro, _total] = rows_of(admin, "plans?")
    found = {k: pro[k] for k in ("Paying accounts", "Trial", "Free", "Mean cost", "Loss")}
    expected = {"Paying accounts": "5", "Trial": "1", "Free": "1", "Mean cost": "30", "Loss": "60"}
    assert found == expected
    assert pro["Subsidy"] == "54.5455"
    [spread] = rows_of(admin, "plans?", "spread")
    assert [spread[f"P{p} cost"] for p in (10, 25, 50, 75, 90)] == ["5", "10", "15", "20", "100"]
    assert [spread[f"P{p} AI margin"] for p in (10, 50, 90)] == ["-60", "25", "35"]


def test_files_of_the_plan_page_hold_each_table(admin, company):
    [first, *_] = rows_of(admin, "plan/pro?target=60", "prices")
    assert (first["Price"], first["Per account"]) == ("Break-even: the mean cost", "30")
    listed = rows_of(admin, "plan/pro?allowance=16", "accounts")
    assert [(row["Customer"], row["Above allowance"]) for row in listed[:2]] == [
        ("Elk", "84"), ("Fox", ""),
    ]  # fmt: skip
    answer = admin.get("/admin/plan/pro?month=2026-10&format=xlsx&table=allowances")
    assert answer["Content-Type"].endswith("spreadsheetml.sheet")


@pytest.mark.parametrize("asked", ["target=100", "target=none", "allowance=-1", "cover=NaN"])
def test_a_figure_that_is_none_is_told_and_left_out(admin, company, asked):
    page = admin.get(f"/admin/plan/pro?month=2026-10&{asked}").content.decode()
    assert "accepted is a number from" in page


@pytest.mark.parametrize(
    ("address", "most"),
    [("plan/pro", 95), ("what-if?plan=pro&model=gpt-4o", 60), ("cohorts", 66)],
)
def test_pages_ask_a_fixed_number_of_times(admin, company, address, most):
    join = "&" if "?" in address else "?"
    with CaptureQueriesContext(connection) as asked:
        admin.get(f"/admin/{address}{join}month=2026-10")
    assert len(asked) <= most


def test_a_plan_that_is_not_there_is_not_found(admin, company):
    assert admin.get("/admin/plan/nothing").status_code == 404


def test_what_if_works_on_the_months_as_they_were(admin, company):
    """Two months, all limited to 50: elk's 100 becomes 50 in both; a price from 40 to 50."""
    address = "/admin/what-if?month=2026-10&months=3&plan=pro&price=50&allowance=50"
    found = admin.get(address).context
    sums = found["sums"]
    assert (sums["revenue_before"], sums["revenue"]) == (320, 400)
    assert (sums["cost_before"], sums["cost"]) == (287, 187)
    assert (sums["margin_before"], sums["margin"], sums["change"]) == (33, 213, 180)
    assert found["under"] == (1, 0)
    assert [row.cells["month"] for row in found["more"][0].rows] == ["2026-09", "2026-10"]
    page = admin.get("/admin/what-if?month=2026-10&price=50").content.decode()
    assert "A price is that of one plan: choose the plan." in page


def test_one_models_price_changes_only_what_it_cost(admin, company):
    found = admin.get("/admin/what-if?month=2026-10&months=1&provider_pct=-50&model=gpt-4o")
    assert (found.context["sums"]["cost_before"], found.context["sums"]["cost"]) == (152, 76)


def test_cohorts_are_of_the_first_revenue_or_call(admin, company):
    history = margin(
        by=["customer", "month"], period=Period(dt.date(2026, 9, 1), dt.date(2026, 11, 1))
    )
    started = dict.fromkeys(("cat", "dog", "elk"), "2026-09")
    started |= dict.fromkeys(("ant", "bee"), "2026-10")
    assert cohorts_of(history, "revenue") == started
    assert cohorts_of(history) == cohorts_of(history, "usage") == started | {"fox": "2026-10"}
    [old, new, total] = rows_of(admin, "cohorts?")
    assert (old["Cohort"], old["Paying"], old["AI margin"], old["Loss"]) == (
        "2026-09", "3", "-15", "60",
    )  # fmt: skip
    assert (new["Cohort"], new["Customers"], new["AI margin"]) == ("2026-10", "3", "63")
    assert total["AI margin"] == "48"
