"""Reconciliation by hand: what a bill has beyond the tracked cost, part by part, exactly."""

import datetime as dt
import os
from decimal import Decimal, localcontext
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from billing.margin import margin
from billing.models import (
    BilledModel,
    CostPoolAmount,
    ExchangeRate,
    ProviderInvoice,
    ProviderInvoiceLine,
    ReconciliationThreshold,
    TrueUp,
)
from billing.provider_bills import apply_bill, receive_bill, stage_bill
from billing.reconciliation import (
    PARTS,
    Billed,
    Tracked,
    TrueUpRefusedError,
    left_of,
    post_true_up,
    reconcile,
    remember,
    suggested,
    undo_true_up,
)
from billing.reconciliation.billed import BilledMonth, UsageLine, count_bill
from billing.reconciliation.compare import compare, total
from billing.reconciliation.parts import split
from tests.billing.provider_files import OCTOBER, openai_costs, openai_usage
from tknops.calendar import Period
from tknops.money import EXACT
from usage.cube import fold
from usage.models import Price

NOW = dt.datetime(2026, 11, 5, 9, tzinfo=dt.UTC)
NOVEMBER = dt.date(2026, 11, 1)
MONTH = Period(OCTOBER, NOVEMBER)
EXAMPLES = int(os.environ.get("RECONCILIATION_EXAMPLES", "50"))
HEAD = (
    "provider,month,day,kind,model,token_class,quantity,price_per_million,billed_cost,credits,tax,"
    "currency\n"
)


@pytest.fixture
def bill(db, settings, tmp_path):
    settings.UPLOAD_DIR = tmp_path

    def do(content, **given):
        files = [([content.encode()], "bill")]
        made = stage_bill(made=receive_bill(files=files, **given))
        assert made.state == "STAGED", made.errors
        return apply_bill(made=made, now=NOW)

    return do


@pytest.fixture
def used(send, event, prices):
    """Send events: (time, input tokens) or (time, input tokens, model)."""

    def do(*calls):
        events = [
            event(
                id=f"{number}",
                time=at,
                model=model[0] if model else "gpt-4o",
                usage={"input_tokens": tokens},
            )
            for number, (at, tokens, *model) in enumerate(calls)
        ]
        assert send(events).json()["stored"] == len(events)
        fold()

    return do


def october(provider="openai"):
    (found,) = reconcile(OCTOBER, provider=provider)
    if found.variance is not None:
        with localcontext(EXACT):
            assert sum(found.parts.values()) == found.variance
            for rows in found.days.values():
                for row in rows:
                    assert sum(row.parts.values()) == row.billed.cost - row.tracked.cost
    return found


def parts(found):
    return {name: amount for name, amount in found.parts.items() if amount}


def test_utc_midnight_is_a_cut_off_in_new_york(settings, used, bill):
    """22:00 in New York on 30 September is 02:00 UTC on 1 October.

    UTC October: 400k + 800k at 2.50 = 3.00. New York's October: 800k + 200k = 2.50.
    """
    settings.REPORTING_ZONE = ZoneInfo("America/New_York")
    used(
        ("2026-10-01T02:00:00Z", 400_000),
        ("2026-10-15T12:00:00Z", 800_000),
        ("2026-11-01T01:00:00Z", 200_000),
    )
    bill(
        openai_costs(
            ("2026-10-01", "gpt-4o, input", 1.00, 400_000),
            ("2026-10-15", "gpt-4o, input", 2.00, 800_000),
        )
    )
    found = october()
    assert (found.reported, found.tracked, found.billed) == (Decimal("2.50"), 3, 3)
    assert parts(found) == {"cut_off": Decimal("0.50")}
    assert (found.coverage, found.state, found.to_true_up) == (100, "green", 0)
    assert list(found.days) == [dt.date(2026, 10, 1), dt.date(2026, 10, 15)]


def test_every_part_by_hand(used, bill):
    """Tracked 800k gpt-4o at 2.50 = 2.00, and 100k of a model without a price.

    The bill: 1M at 2.598 = 2.598, charged 2.60 (rounding 0.002), 0.40 for the other model, a
    credit of 0.30, tax 0.08 and 0.40, a fee of 0.07.
    Quantity 200k × 2.50 = 0.50; price 1M × 0.098 = 0.098; unpriced 100k of 100k = 0.40.
    """
    used(("2026-10-05T12:00:00Z", 800_000), ("2026-10-06T12:00:00Z", 100_000, "gpt-x"))
    bill(
        HEAD + "openai,2026-10,,,gpt-4o,input,1000000,2.598,2.60,-0.30,,USD\n"
        "openai,2026-10,,,gpt-x,input,100000,,0.40,,0.08,USD\n"
        "openai,2026-10,,tax,,,,,0.40,,,USD\n"
        "openai,2026-10,,other,seat,,,,0.07,,,USD\n",
    )
    assert parts(october()) == {
        "quantity": Decimal("0.50"), "price": Decimal("0.098"), "unpriced": Decimal("0.40"),
        "credits": Decimal("-0.30"), "tax": Decimal("0.48"), "rounding": Decimal("0.002"),
        "unexplained": Decimal("0.07"),
    }  # fmt: skip


def test_lines_of_other_months_and_a_rounded_total(used, bill):
    """2.004 at no stated price: 0.004 is price; 0.20 of 30 September is cut-off.

    The total is 2.21 where the lines are 2.204: 0.006 over two lines is rounding, up to 0.01.
    """
    used(("2026-10-05T12:00:00Z", 800_000))
    made = bill(
        HEAD + "openai,,2026-10-05,,gpt-4o,input,800000,,2.004,,,USD\n"
        "openai,2026-10,2026-10-05,other,,,,,0,,,USD\n",
        total="2.21",
    )
    assert parts(october()) == {"price": Decimal("0.004"), "unexplained": Decimal("0.206")}
    invoice = made.invoices.get()
    ProviderInvoiceLine.objects.create(
        invoice=invoice, day="2026-09-30", model="gpt-4o", token_class="input_tokens",
        quantity=80_000, billed_cost="0.20", reference="by hand",
    )  # fmt: skip
    assert parts(october()) == {
        "cut_off": Decimal("0.20"), "price": Decimal("0.004"), "rounding": Decimal("0.006"),
    }  # fmt: skip


def test_untracked_and_unbilled_models_are_quantity(used, bill):
    used(("2026-10-05T12:00:00Z", 800_000))
    bill(openai_costs(("2026-10-05", "o9, output", 5, 1_000_000)))
    found = october()
    assert [(row.model, dict(row.parts)) for row in found.models] == [
        ("o9", {"quantity": 5}), ("gpt-4o", {"quantity": -2}),
    ]  # fmt: skip
    assert (found.coverage, found.state) == (40, "red")


def test_costs_without_a_model_meet_the_usage_report(used, bill):
    """The usage API says 1M of the 800k tracked: 200k at 2.50 = 0.50; 0.20 has no reason."""
    used(("2026-10-05T12:00:00Z", 800_000))
    bill(openai_costs(("2026-10-05", None, "2.70", None)))
    assert parts(october()) == {"unexplained": Decimal("0.70")}
    bill(openai_usage("2026-10-05", model="gpt-4o", input_tokens=1_000_000))
    assert parts(october()) == {"quantity": Decimal("0.50"), "unexplained": Decimal("0.20")}


def test_a_usage_report_alone_is_no_bill(used, bill):
    used(("2026-10-05T12:00:00Z", 800_000))
    bill(openai_usage("2026-10-05", model="gpt-4o", input_tokens=1_000_000))
    found = october()
    assert (found.billed, found.coverage, found.variance, found.state) == (
        None, None, None, "no bill",
    )  # fmt: skip


def test_a_billed_name_is_remembered_for_old_and_new_bills(used, bill):
    used(("2026-10-05T12:00:00Z", 800_000))
    bill(openai_costs(("2026-10-05", "gpt-4o-2024-08-06, input", 2, 800_000)))
    assert [row.model for row in october().models] == ["gpt-4o-2024-08-06", "gpt-4o"]
    assert suggested("gpt-4o-2024-08-06", ["gpt-4o", "gpt-4o-mini"]) == "gpt-4o"
    remember(provider="openai", billed_name="gpt-4o-2024-08-06", model="gpt-4o")
    found = october()
    assert [(row.model, sum(row.parts.values())) for row in found.models] == [("gpt-4o", 0)]
    assert found.names == {"gpt-4o": {"gpt-4o-2024-08-06"}}
    with pytest.raises(ValueError, match="remembered to mean another"):
        remember(provider="openai", billed_name="x", model="gpt-4o-2024-08-06")
    remember(provider="openai", billed_name="gpt-4o-2024-08-06", model="")
    assert len(october().models) == 2


def test_another_currency_needs_a_rate(used, bill):
    used(("2026-10-05T12:00:00Z", 800_000))
    line = HEAD + "openai,2026-10,,,gpt-4o,input,800000,,1.80,,,EUR\n"
    made = bill(line)
    found = october()
    assert (found.billed, dict(found.unconverted)) == (0, {"EUR": Decimal("1.80")})
    ProviderInvoice.objects.filter(provider_import=made).update(rate=Decimal("1.25"))
    found = october()
    assert (found.billed, dict(found.unconverted)) == (Decimal("2.25"), {})
    assert parts(found) == {"price": Decimal("0.25")}


def test_the_rate_of_the_day_beside_the_one_paid_is_the_currency_part(used, bill):
    """1.80 EUR are 1.98 USD at the stored 1.10, and were paid at 1.25: 0.27 more."""
    used(("2026-10-05T12:00:00Z", 800_000))
    ExchangeRate.objects.create(
        base="EUR", quote="USD", date="2026-10-02", rate=Decimal("1.1"), source="ECB"
    )
    made = bill(HEAD + "openai,,2026-10-05,,gpt-4o,input,800000,,1.80,,,EUR\n")
    assert parts(october()) == {"price": Decimal("-0.02")}
    ProviderInvoice.objects.filter(provider_import=made).update(rate=Decimal("1.25"))
    found = october()
    assert found.billed == Decimal("2.25")
    assert parts(found) == {"currency": Decimal("0.27"), "price": Decimal("-0.02")}


def test_thresholds_of_a_provider_and_of_all(used, bill):
    used(("2026-10-05T12:00:00Z", 40_000_000))  # 100.00
    bill(openai_costs(("2026-10-05", "gpt-4o, input", 103, 40_000_000)))
    assert october().state == "amber"  # 3 of 103 is 2.9 %
    ReconciliationThreshold.objects.create(green_pct=1, amber_pct=2)
    assert october().state == "red"
    own = ReconciliationThreshold.objects.create(provider_code="openai", green_pct=3)
    assert october().state == "green"
    own.green_pct, own.ignore_below = 1, 3
    own.save()
    assert october().state == "green"


def test_true_up_is_borne_like_the_tracked_cost_and_taken_back(used, bill):
    used(("2026-10-05T12:00:00Z", 800_000))
    bill(HEAD + "openai,2026-10,,,gpt-4o,input,1000000,,2.505,-0.30,0.50,USD\n")
    found = october()
    assert (found.variance, found.to_true_up) == (Decimal("0.705"), Decimal("0.21"))
    asked = {"provider": "openai", "month": OCTOBER, "posted_month": NOVEMBER, "reason": "agreed",
             "user": None}  # fmt: skip
    with pytest.raises(TrueUpRefusedError, match="look again"):
        post_true_up(expected=20, **asked)
    made = post_true_up(expected=left_of(found), **asked)
    assert (made.amount_minor, made.pool_amount.pool.name) == (21, "True-up openai")
    assert made.pool_amount.service_start == NOVEMBER
    november = margin(by=(), period=Period(NOVEMBER, dt.date(2026, 12, 1))).total
    assert (november.cost, november.allocated_cost) == (0, Decimal("0.21"))
    assert margin(by=(), period=MONTH).total.cost == 2
    assert october().to_true_up == 0
    with pytest.raises(TrueUpRefusedError, match="nothing is left"):
        post_true_up(expected=0, **asked)
    undo_true_up(made=made, user=None, now=NOW)
    assert not CostPoolAmount.objects.exists()
    assert october().to_true_up == Decimal("0.21")
    with pytest.raises(TrueUpRefusedError, match="taken back already"):
        undo_true_up(made=made, user=None, now=NOW)


def test_classes_of_cost_sum_to_the_cost_of_the_whole(send, event, prices):
    Price.objects.create(
        provider_code="openai", model="gpt-4o", token_class="input_tokens", per_million="2",
        kind="CONTRACTED", valid_from="2026-10-04",
    )  # fmt: skip
    send([event(id="1", time="2026-10-03T23:30:00Z"), event(id="2"), event(id="3", model="nope")])
    fold()
    whole = margin(by=["model", "utc_day"], period=MONTH)
    for name, unpriced in (("input_tokens", 1), ("output_tokens", 1), ("input_audio_tokens", 0)):
        assert margin(by=(), period=MONTH, only=(name,)).total.unpriced_events == unpriced
    some = [
        margin(by=["model", "utc_day"], period=MONTH, only=(name,))
        for name in ("input_tokens", "cache_read_tokens", "output_tokens")
    ]
    for row in whole.rows:
        same = [next(r for r in report.rows if r.key == row.key) for report in some]
        costs = [r.cost for r in same]
        assert row.cost == (None if None in costs else sum(costs))
        assert all(r.revenue is None and r.allocated_cost is None for r in same)


money = st.decimals(-1000, 1000, places=6)
quantity = st.integers(0, 10**9)
names = st.sampled_from(["", "a", "b"])
classes = st.sampled_from(["", "input_tokens", "output_tokens"])
tracked = st.builds(
    lambda cost, priced, unpriced: Tracked(
        cost if priced else Decimal(0), Decimal(priced + unpriced), Decimal(unpriced)
    ),
    st.decimals(0, 1000, places=10), quantity, quantity,
)  # fmt: skip


@settings(max_examples=EXAMPLES, deadline=None)
@given(st.builds(Billed, money, st.none() | quantity.map(Decimal)), tracked)
def test_parts_of_any_cell_sum_to_its_difference(billed, cell):
    with localcontext(EXACT):
        assert sum(split(billed, cell).values()) == billed.cost - cell.cost


@settings(max_examples=EXAMPLES, deadline=None)
@given(
    st.lists(
        st.builds(UsageLine, names, classes, st.none(), money, st.none() | quantity.map(Decimal))
    ),
    st.dictionaries(st.tuples(names, classes), quantity.map(Decimal)),
    st.dictionaries(st.tuples(st.sampled_from(["a", "b", "c"]), classes.filter(bool)), tracked),
)
def test_parts_of_any_bill_sum_to_the_variance(lines, reported, cells):
    with localcontext(EXACT):
        rows = compare(lines, reported, cells)
        difference = sum(line.cost for line in lines) - sum(cell.cost for cell in cells.values())
        assert sum(total(rows).values()) == difference
        assert sum(row.billed.cost - row.tracked.cost for row in rows) == difference


class Stored:
    """A rate of the day for every currency, or none."""

    def __init__(self, rate):
        self.rate = rate

    def of(self, currency, paid, day):
        if currency == "USD":
            return Decimal(1), Decimal(1)
        valued = self.rate or paid
        return (paid or valued, valued) if valued else None


class Same:
    """Every model goes by its own name."""

    def of(self, provider, name):
        return name


lines_of_a_bill = st.lists(
    st.builds(
        ProviderInvoiceLine,
        kind=st.sampled_from(ProviderInvoiceLine.Kind.values),
        day=st.none() | st.dates(dt.date(2026, 9, 20), dt.date(2026, 11, 9)),
        model=names,
        token_class=classes,
        quantity=st.none() | quantity.map(Decimal),
        unit_price=st.none() | st.decimals(0, 1, places=9),
        billed_cost=money,
        credits=money,
        tax=money,
    )
)


@settings(max_examples=EXAMPLES, deadline=None)
@given(lines_of_a_bill, st.none() | money, st.none() | st.decimals("0.5", 2, places=4),
       st.none() | st.decimals("0.5", 2, places=12), st.sampled_from(["USD", "EUR"]))  # fmt: skip
def test_any_bill_falls_into_usage_and_parts_exactly(lines, stated, rate, stored, currency):
    invoice = ProviderInvoice(
        provider_code="openai", month=OCTOBER, currency=currency, rate=rate, total_stated=stated
    )
    made = BilledMonth()
    with localcontext(EXACT):
        count_bill(made, invoice, lines, Same(), Stored(stored))
        assert set(made.parts) <= set(PARTS)
        usage = sum((line.cost for line in made.usage_lines), Decimal(0))
        assert made.billed == usage + sum(made.parts.values())
        whole = sum((one.billed_cost + one.credits + one.tax for one in lines), Decimal(0))
        factor = Decimal(1) if currency == "USD" else rate or stored
        if factor is None:
            assert (made.billed, made.unconverted.get("EUR", 0)) == (0, whole)
        else:
            assert made.billed == (whole if stated is None else stated) * factor


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("model", "rule", "wrong"),
    [
        (BilledModel, "means_another", {"provider_code": "p", "billed_name": "a", "model": "a"}),
        (BilledModel, "means_another", {"provider_code": "p", "billed_name": "", "model": "a"}),
        (ReconciliationThreshold, "in_order", {"green_pct": 5, "amber_pct": 4}),
        (ReconciliationThreshold, "ignores_some", {"ignore_below": -1}),
        (TrueUp, "not_0", {"amount_minor": 0, "undone_at": NOW}),
        (TrueUp, "borne_until_undone", {"amount_minor": 1}),
        (TrueUp, "months_start", {"amount_minor": 1, "undone_at": NOW, "month": "2026-10-02"}),
    ],
)
def test_the_database_forbids_what_cannot_be(model, rule, wrong):
    fields = {"month": OCTOBER, "posted_month": OCTOBER} if model is TrueUp else {}
    name = f"billing_{model.__name__.lower()}_{rule}"
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        model.objects.create(**fields | wrong)
