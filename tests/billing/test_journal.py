"""The journal of a month: entries that balance, by hand and for any figures."""

import datetime as dt
from decimal import Decimal, localcontext

import pytest
from django.db import IntegrityError, transaction
from django.test import override_settings
from hypothesis import given, settings
from hypothesis import strategies as st

from billing.journal import Chart, in_minor_units, journal
from billing.journal.cost import accruals
from billing.journal.entry import Account, credit, debit
from billing.models import (
    BillingCustomer,
    CostPool,
    CostPoolAmount,
    LedgerAccount,
    PaymentEvent,
    Plan,
    Posting,
    ProviderImport,
    ProviderInvoice,
    Subscription,
    TrueUp,
)
from customers.models import Customer
from tknops.calendar import Period
from tknops.money import EXACT, round_half_up
from usage.cube import fold

OCTOBER = Period(dt.date(2026, 10, 1), dt.date(2026, 11, 1))
HEAD = "external_customer_id,invoice_id,line_id,plan_code,amount,currency,service_start,service_end,invoice_date,type,status\n"  # noqa: E501


def posted(entries):
    return {
        entry.reference: [(line.account.code, line.debit, line.credit) for line in entry.lines]
        for entry in entries
    }


@pytest.mark.django_db
def test_a_month_by_hand(send, event, prices, import_bytes):
    """AI cost 2.005 → 2.01; 90.00 over October to December: 30.33 of October, 59.67 deferred."""
    send([event(usage={"input_tokens": 802_000})])
    fold()
    import_bytes(
        (
            HEAD + "acme,I1,1,pro,90.00,USD,2026-10-01,2027-01-01,2026-10-01,recurring,paid\n"
            "acme,I2,1,pro,5000,JPY,2026-10-01,2026-11-01,2026-10-09,one_time,open\n"
            "acme,I3,1,pro,7.00,USD,2026-10-01,2026-11-01,2026-10-09,one_time,void\n"
            "acme,I4,1,pro,-9.00,USD,2026-10-01,2026-11-01,2026-10-10,credit,paid\n"
        ).encode()
    )
    pool = CostPool.objects.create(name="True-up openai", currency="USD")
    amount = CostPoolAmount.objects.create(
        pool=pool, source="TRUEUP", service_start=OCTOBER.start, service_end=OCTOBER.end,
        amount_minor=-21,
    )  # fmt: skip
    made = TrueUp.objects.create(
        provider_code="openai", month=dt.date(2026, 9, 1), posted_month=OCTOBER.start,
        currency="USD", amount_minor=-21, pool_amount=amount, reason="agreed",
    )  # fmt: skip
    LedgerAccount.objects.create(posting=Posting.ACCRUED, code="2000", name="Accruals")
    LedgerAccount.objects.create(
        posting=Posting.ACCRUED, provider_code="openai", code="2001", name="OpenAI"
    )
    found = journal(OCTOBER)
    assert posted(found.entries) == {
        "2026-10-AI-openai": [("5100", 201, 0), ("2001", 0, 201)],
        f"2026-10-TRUE-UP-openai-{made.pk}": [("5190", 0, 21), ("2001", 21, 0)],
        "2026-10-INVOICED-JPY": [("1200", 5000, 0), ("2400", 0, 5000)],
        "2026-10-INVOICED-USD": [("1200", 8100, 0), ("2400", 0, 8100)],
        "2026-10-RECOGNISED-JPY": [("2400", 5000, 0), ("4000", 0, 5000)],
        "2026-10-RECOGNISED-USD": [("2400", 2133, 0), ("4000", 0, 2133)],
    }
    assert all(entry.difference == 0 and not entry.estimate for entry in found.entries)


@pytest.mark.django_db
def test_shared_cost_is_posted_and_a_bill_makes_the_accrual_payable():
    """92.00 over October to December: 31.00 of October, less what a true-up and usage pool have.

    100.005 − 5.00 of credits and 19.00 of tax: 95.01, and R(114.005) − 95.01 = 19.00. Ten euro at
    1.10 are 11.00; without a rate they stay euro.
    """
    for name, kind in (("GPU", "COGS"), ("Seats", "OPEX"), ("Tests", "INTERNAL")):
        pool = CostPool.objects.create(name=name, currency="USD", cost_class=kind, vendor="AWS")
        CostPoolAmount.objects.create(
            pool=pool, amount_minor=9200, service_start=OCTOBER.start, service_end="2027-01-01"
        )
    CostPoolAmount.objects.create(
        pool=pool, source="USAGE", usage_filter={"model": ["m"]}, service_start=OCTOBER.start
    )
    for number, (state, applied) in enumerate(
        (("APPLIED", "2026-10-31"), ("APPLIED", "2026-11-01"), ("UNDONE", "2026-10-31"))
    ):
        made = ProviderImport.objects.create(
            file_name="f", content_sha256=f"{number}", state=state,
            applied_at=dt.datetime.fromisoformat(f"{applied}T00:00:00Z"),
        )  # fmt: skip
        for currency, rate in (("USD", None), ("EUR", Decimal("1.1")), ("GBP", None)):
            bill = ProviderInvoice.objects.create(
                provider_import=made, provider_code="openai", month=dt.date(2026, 9, 1),
                currency=currency, source="GENERIC", rate=rate,
            )  # fmt: skip
            usd = currency == "USD"
            bill.lines.create(
                billed_cost=Decimal("100.005" if usd else 10), credits=-5 if usd else 0,
                tax=19 if usd else 0, reference="1",
            )  # fmt: skip
    entries = journal(OCTOBER).entries
    assert all(entry.difference == 0 for entry in entries)
    lines = [
        (entry.currency, *posted([entry])[entry.reference])
        for entry in sorted(entries, key=lambda one: one.text)
    ]
    assert lines == [
        ("USD", ("2100", 9501, 0), ("1400", 1900, 0), ("2000", 0, 11401)),
        ("USD", ("2100", 1100, 0), ("2000", 0, 1100)),
        ("GBP", ("2100", 1000, 0), ("2000", 0, 1000)),
        ("USD", ("5200", 3100, 0), ("2110", 0, 3100)),
        ("USD", ("6200", 3100, 0), ("2110", 0, 3100)),
        ("USD", ("6210", 3100, 0), ("2110", 0, 3100)),
    ]
    assert {entry.date for entry in entries} == {dt.date(2026, 10, 31)}


@pytest.mark.django_db
def test_refunds_and_bad_debt_are_no_deferred_revenue(import_bytes):
    """A refund of 5.00 without a note lowers revenue at once; 31.00 are never paid."""
    import_bytes(
        (
            HEAD + "acme,I1,1,pro,62.00,USD,2026-10-01,2026-12-01,2026-10-01,recurring,paid\n"
            "acme,I2,1,pro,31.00,USD,2026-10-01,2026-11-01,2026-10-01,recurring,uncollectible\n"
        ).encode()
    )
    PaymentEvent.objects.create(
        external_id="r1", billing_customer=BillingCustomer.objects.get(), kind="REFUND",
        invoice_reference="I1", occurred_on="2026-10-20", currency="USD", amount_minor=500,
    )  # fmt: skip
    assert posted(journal(OCTOBER).entries) == {
        "2026-10-INVOICED-USD": [("1200", 9300, 0), ("2400", 0, 9300)],
        "2026-10-RECOGNISED-USD": [("2400", 3151, 0), ("4000", 0, 3151)],
        "2026-10-BAD-DEBT-USD": [("2400", 3100, 0), ("1200", 0, 3100)],
        "2026-10-CONTRA-USD": [("1200", 0, 500), ("4000", 500, 0)],
    }


@pytest.mark.django_db
def test_contracted_revenue_is_an_estimate_of_its_own():
    billed = BillingCustomer.objects.create(
        external_id="a", customer=Customer.objects.create(external_id="a", name="A")
    )
    Subscription.objects.create(
        external_id="s", billing_customer=billed, plan=Plan.objects.create(code="pro", name="Pro"),
        price=31, currency="USD", start_date="2026-10-01",
    )  # fmt: skip
    (entry,) = journal(OCTOBER).entries
    assert posted([entry]) == {"2026-10-UNBILLED-USD": [("1250", 3100, 0), ("4000", 0, 3100)]}
    assert entry.estimate


costs = st.decimals(-100, 10**6, places=12)
rows = st.dictionaries(
    st.tuples(st.sampled_from(["openai", "google", "aws"]),
              st.sampled_from(["COGS", "OPEX", "INTERNAL"])),
    costs,
)  # fmt: skip


@settings(max_examples=50, deadline=None)
@given(rows, st.sampled_from(["USD", "JPY", "BHD"]))
def test_any_cost_is_posted_in_balance_and_to_its_rounded_sum(found, currency):
    digits = {"USD": 2, "JPY": 0, "BHD": 3}[currency]
    with override_settings(REPORTING_CURRENCY=currency):
        made = list(accruals(found, OCTOBER, Chart(())))
    for entry in made:
        assert entry.difference == 0
        assert all(min(line.debit, line.credit) == 0 for line in entry.lines)
        provider = entry.reference.removeprefix("2026-10-AI-")
        with localcontext(EXACT):
            whole = sum((cost for key, cost in found.items() if key[0] == provider), Decimal(0))
        owed = entry.lines[-1].credit - entry.lines[-1].debit
        assert Decimal(owed).scaleb(-digits) == round_half_up(whole, digits)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.decimals(-(10**6), 10**6, places=10)))
def test_parts_in_minor_units_sum_to_the_rounded_sum_and_stay_near(amounts):
    parts = in_minor_units(amounts, "USD")
    whole = sum(amounts, Decimal(0))
    assert sum(parts) == round_half_up(whole, 2).scaleb(2)
    assert all(abs(p - a.scaleb(2)) <= 1 for p, a in zip(parts, amounts, strict=True))


def test_an_amount_below_0_is_on_the_other_side():
    account = Account("1", "x")
    assert (debit(account, -5).credit, credit(account, -5).debit) == (5, 5)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("rule", "wrong"),
    [
        ("posting_known", {"posting": "GIFT"}),
        ("provider_of_cost", {"posting": "REVENUE", "provider_code": "openai"}),
        ("is_named", {"code": ""}),
        ("unique", {}),
    ],
)
def test_the_database_forbids_accounts_that_cannot_be(rule, wrong):
    fields = {"posting": "REVENUE", "code": "4000", "name": "Sales"}
    if rule == "unique":
        LedgerAccount.objects.create(**fields)
    with pytest.raises(IntegrityError, match=f"billing_ledgeraccount_{rule}"), transaction.atomic():
        LedgerAccount.objects.create(**fields | wrong)
