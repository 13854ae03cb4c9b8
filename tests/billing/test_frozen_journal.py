"""The journal of a closed month: the same for ever; what changes corrects it in the open one."""

import datetime as dt
from copy import deepcopy

import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st

from billing.closing import left_open, reopen_month, verify_closed
from billing.closing.manifest import digest_of
from billing.journal import journal, verify_journal
from billing.journal.corrections import difference
from billing.journal.entry import Account, Entry, credit, debit
from billing.models import (
    CostPool,
    CostPoolAmount,
    LedgerAccount,
    MonthClose,
    Posting,
    ProviderImport,
    ProviderInvoice,
)
from billing.provider_bills import undo_bill
from tests.billing.closed_months import NOW, close
from tknops.calendar import Period, next_month
from usage import cube
from usage.models import Price

OCT, NOV, DEC = (dt.date(2026, month, 1) for month in (10, 11, 12))
HEAD = "external_customer_id,invoice_id,line_id,plan_code,amount,currency,service_start,service_end,invoice_date,type,status\n"  # noqa: E501
CSV = "/admin/journal?month=2026-10&format=csv"


def entries(month):
    found = journal(Period(month, next_month(month))).entries
    assert all(entry.difference == 0 for entry in found)
    return {
        entry.reference: [(line.account.code, line.debit, line.credit) for line in entry.lines]
        for entry in found
    }


def corrections(month):
    return {name: lines for name, lines in entries(month).items() if "-ADJ-" in name}


@pytest.fixture
def shown(admin_client):
    return lambda path: admin_client.get(f"/admin/{path}").content.decode()


@pytest.fixture
def october(send, event, prices, import_bytes):
    """AI cost 2.005; a bill of 95.00 + 19.00 tax; a pool of 31.00; 90.00 invoiced over 92 days."""
    send([event(usage={"input_tokens": 802_000})])
    cube.fold()
    line = "acme,I1,1,pro,90.00,USD,2026-10-01,2027-01-01,2026-10-01,recurring,paid\n"
    import_bytes((HEAD + line).encode())
    made = ProviderImport.objects.create(
        file_name="f", content_sha256="1", state="APPLIED",
        applied_at=dt.datetime(2026, 10, 20, tzinfo=dt.UTC),
    )  # fmt: skip
    bill = ProviderInvoice.objects.create(
        provider_import=made, provider_code="openai", month="2026-09-01", currency="USD",
        source="GENERIC",
    )  # fmt: skip
    bill.lines.create(billed_cost=95, tax=19, reference="1")
    pool = CostPool.objects.create(name="GPU", currency="USD")
    for start, minor in ((OCT, 3100), (NOV, 1000)):
        CostPoolAmount.objects.create(
            pool=pool, amount_minor=minor, service_start=start, service_end=next_month(start)
        )
    return f"openai-{bill.pk}", pool.pk


@pytest.mark.django_db
def test_what_changes_after_a_close_is_corrected_in_the_open_month(
    october, send, event, import_bytes, admin_client, shown
):
    bill, pool = october
    frozen = {
        "2026-10-AI-openai": [("5100", 201, 0), ("2100", 0, 201)],
        f"2026-10-POOL-{pool}": [("5200", 3100, 0), ("2110", 0, 3100)],
        f"2026-10-BILL-{bill}": [("2100", 9500, 0), ("1400", 1900, 0), ("2000", 0, 11400)],
        "2026-10-INVOICED-USD": [("1200", 9000, 0), ("2400", 0, 9000)],
        "2026-10-RECOGNISED-USD": [("2400", 3033, 0), ("4000", 0, 3033)],
    }
    assert entries(OCT) == frozen
    close(OCT)
    file = admin_client.get(CSV).content
    assert corrections(NOV) == {}

    undo_bill(made=ProviderImport.objects.get(), now=NOW)
    CostPoolAmount.objects.filter(service_start=OCT).update(amount_minor=4100)
    note = "acme,I4,1,pro,-9.00,USD,2026-10-01,2026-11-01,2026-10-10,credit,paid\n"
    import_bytes((HEAD + note).encode())
    # 802,000 tokens at 5.00 are 4.01, and 400,000 received late 2.00: 6.01 less 2.01.
    Price.objects.update(per_million=5)
    send([event(id="late", time="2026-10-09T10:00:00Z", usage={"input_tokens": 400_000})])
    cube.fold()
    LedgerAccount.objects.create(posting=Posting.POOL_COST, code="7777", name="GPU rent")
    changed = {
        "2026-11-ADJ-2026-10-AI-openai": [("5100", 400, 0), ("2100", 0, 400)],
        f"2026-11-ADJ-2026-10-BILL-{bill}":
            [("2100", 0, 9500), ("1400", 0, 1900), ("2000", 11400, 0)],
        "2026-11-ADJ-2026-10-INVOICED-USD": [("1200", 0, 900), ("2400", 900, 0)],
        # To the account October has used; November's own cost goes to the new one.
        f"2026-11-ADJ-2026-10-POOL-{pool}": [("5200", 1000, 0), ("2110", 0, 1000)],
        "2026-11-ADJ-2026-10-RECOGNISED-USD": [("2400", 0, 900), ("4000", 900, 0)],
    }  # fmt: skip
    assert (entries(OCT), corrections(NOV)) == (frozen, changed)
    assert admin_client.get(CSV).content == file
    assert entries(NOV)[f"2026-11-POOL-{pool}"] == [("7777", 1000, 0), ("2110", 0, 1000)]
    page = shown("journal?month=2026-11")
    assert "5 entries correct earlier months: 2026-10" in page
    assert "Correction of October 2026: Bill of openai for September 2026" in page
    assert "Frozen with revision 1" in shown("journal?month=2026-10")
    for path in ("deferred", "mrr", f"shared-cost/pool/{pool}", "reconciliation/of/openai"):
        page = shown(f"{path}?month=2026-10")
        assert "October 2026 is closed: " in page, path
        assert "here as of now; what was posted stays in the journal" in page

    close(NOV)
    november = entries(NOV)
    assert corrections(DEC) == {}
    CostPoolAmount.objects.filter(service_start=OCT).update(amount_minor=3100)
    assert corrections(DEC) == {
        f"2026-12-ADJ-2026-10-POOL-{pool}": [("5200", 0, 1000), ("2110", 1000, 0)]
    }
    assert (entries(NOV), verify_closed()) == (november, (2, []))
    reopen_month(month=NOV, reason="to see", now=NOW)
    del changed[f"2026-11-ADJ-2026-10-POOL-{pool}"]
    assert (corrections(NOV), corrections(DEC), entries(OCT)) == (changed, {}, frozen)
    report = shown("closing/2026-11/report?revision=1")
    assert f"2026-11-ADJ-2026-10-POOL-{pool}" in report


@pytest.mark.django_db
def test_a_month_closed_without_a_journal_is_read_as_of_now_and_says_so(october, shown):
    bill, _ = october
    made = close(OCT)
    old = {name: value for name, value in made.manifest.items() if name != "journal"}
    with connection.cursor() as cursor:  # as a version before this one left it
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE billing_monthclose DISABLE TRIGGER billing_never_changed")
    MonthClose.objects.update(manifest=old, sha256=digest_of(old))
    undo_bill(made=ProviderImport.objects.get(), now=NOW)
    Price.objects.update(per_million=5)
    assert entries(OCT)["2026-10-AI-openai"] == [("5100", 201, 0), ("2100", 0, 201)]
    assert f"2026-10-BILL-{bill}" not in entries(OCT)
    assert corrections(NOV) == {
        "2026-11-ADJ-2026-10-AI-openai": [("5100", 200, 0), ("2100", 0, 200)]
    }
    assert verify_closed() == (1, [])
    page = shown("journal?month=2026-10")
    assert "Closed by a version that froze no journal" in page
    page = shown("journal?month=2026-11")
    assert "October 2026 is closed without a journal: only AI cost is corrected" in page
    assert "read as of now" in shown("closing")


@pytest.mark.django_db
def test_a_journal_that_was_changed_is_found_and_months_before_stay_open(
    october, send, event, shown
):
    send([event(id="early", time="2026-08-05T10:00:00Z")])
    cube.fold()
    assert left_open(NOW) == [dt.date(2026, 8, 1), dt.date(2026, 9, 1), OCT]
    made = close(OCT)
    assert left_open(NOW) == [dt.date(2026, 8, 1), dt.date(2026, 9, 1)]
    page = shown("closing")
    assert "August 2026 to September 2026 stay open" in page
    assert page.count("open, before the first closed month") == 2
    changed = deepcopy(made.manifest)
    lines = changed["journal"]["entries"][0]["lines"]
    lines[0][2] += 1
    month = Period(OCT, NOV)
    assert verify_journal(changed, month, in_force=True) == [
        "the entry 2026-10-AI-openai of the journal does not balance",
        "the entry 2026-10-AI-openai of the journal accrues another cost than the file has",
    ]
    lines[1][3] += 1
    assert len(verify_journal(changed, month, in_force=True)) == 1
    assert verify_journal(changed, month, in_force=False) == []


ACCOUNTS = [Account(code, code) for code in "ABCD"]


@st.composite
def booked(draw):
    """Entries of a closed month that balance, some twice: posted, then corrected."""
    made = []
    for number in draw(st.lists(st.integers(0, 3), max_size=4)):
        amounts = draw(st.lists(st.integers(-9, 9), min_size=1, max_size=3))
        lines = [debit(draw(st.sampled_from(ACCOUNTS)), minor) for minor in amounts]
        lines.append(credit(draw(st.sampled_from(ACCOUNTS)), sum(amounts)))
        currency, name = draw(st.sampled_from(["USD", "EUR"])), f"2026-10-BILL-{number}"
        made.append(Entry(name, OCT, "a bill", currency, lines))
    return made


def sums(some):
    found = {}
    for entry in some:
        for line in entry.lines:
            key = entry.about, entry.currency, line.account.code
            found[key] = found.get(key, 0) + line.debit - line.credit
    return {key: minor for key, minor in found.items() if minor}


@settings(max_examples=30, deadline=None)
@given(booked(), booked())
def test_what_was_posted_and_its_corrections_are_what_is_now(now, posted):
    found = list(difference(now, posted, Period(NOV, DEC)))
    assert sums([*posted, *found]) == sums(now)
    assert all(entry.difference == 0 and entry.date == NOV for entry in found)
    assert len({entry.reference for entry in found}) == len(found)
    assert list(difference(now, [*posted, *found], Period(DEC, DEC))) == []
    assert all(entry.text == "Correction of October 2026: a bill" for entry in found)
