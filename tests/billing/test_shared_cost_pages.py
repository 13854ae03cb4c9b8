"""Shared cost in the browser: pools, rules with a look before, files, drilling, the API."""

import datetime as dt
import json
from decimal import Decimal

import pytest
from django.contrib.auth import get_user_model
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command

from billing.models import AllocationRule, CostPool, CostPoolAmount, CostPoolImport
from customers.models import Customer
from tests.billing.closed_months import close
from usage.cube import fold
from usage.models import Feature

pytestmark = pytest.mark.django_db
HEAD = "pool,kind,cost_class,vendor,amount,currency,service_start,service_end,note\n"
GOOD = HEAD + "GPUs,gpu_rent,cogs,Lambda,100.00,USD,2026-10-01,2026-11-01,\n"


@pytest.fixture
def admin(client):
    client.force_login(get_user_model().objects.create_superuser("boss"))
    return client


@pytest.fixture
def pool(db):
    made = CostPool.objects.create(name="GPUs", kind="GPU_RENT", currency="USD")
    CostPoolAmount.objects.create(
        pool=made, service_start="2026-10-01", service_end="2026-11-01", amount_minor=10_000
    )
    return made


@pytest.fixture
def used(send, event, prices):
    """Acme's call costs 3.00, Beta's 1.00."""
    for name in ("acme", "beta"):
        Customer.objects.create(external_id=name, name=name.title())
    Feature.objects.create(external_id="chat", name="Chat")
    send([
        event(id="1", feature="chat", usage={"input_tokens": 1_200_000}),
        event(id="2", customer="beta", feature="chat", usage={"input_tokens": 400_000}),
        event(id="3", customer="nobody", feature="evals", usage={"input_tokens": 400_000}),
    ])  # fmt: skip
    fold()


def cells(answer, name):
    context = answer.context
    tables = [context["table"], *context["more"]]
    [table] = [one for one in tables if one and one.name == name]
    return [row.cells for row in table.rows], table.total


def upload(admin, content, name="f.csv"):
    sent = {"file": SimpleUploadedFile(name, content.encode())}
    answer = admin.post("/admin/shared-cost/import", sent)
    return CostPoolImport.objects.get(pk=answer["Location"].rsplit("/", 1)[1])


def written(**fields):
    return {
        "target": "customer", "method": "DIRECT_COST", "reason": "agreed", "filters_text": "",
        "weights_text": "", "valid_from": "", "valid_to": "",
    } | fields  # fmt: skip


def test_without_a_pool_the_page_says_what_one_is(admin):
    page = admin.get("/admin/shared-cost").content.decode()
    assert "No cost pool yet" in page
    assert "/admin/billing/costpool/add/" in page


def test_the_pools_of_a_month_and_who_bears_one(admin, pool, used):
    AllocationRule.objects.create(pool=pool, reason="agreed")
    answer = admin.get("/admin/shared-cost?month=2026-10")
    [row], total = cells(answer, "pools")
    assert (row["amount"], row["allocated"], row["left"]) == (100, 100, 0)
    assert row["rule"] == "to customers by direct cost"
    assert total.cells["amount"] == 100
    answer = admin.get(f"/admin/shared-cost/pool/{pool.pk}?month=2026-10")
    rows, total = cells(answer, "targets")
    found = [(row["target"], row["driver"], row["share"], row["amount"]) for row in rows]
    assert found == [("Acme", 3, 75, 75), ("Beta", 1, 25, 25)]
    assert total.cells["amount"] == 100


def test_a_pool_in_yen_with_two_rules_can_be_searched(admin, used):
    yen = CostPool.objects.create(name="Seats", currency="JPY")
    CostPoolAmount.objects.create(
        pool=yen, service_start="2026-10-01", service_end="2026-11-01", amount_minor=3100
    )
    AllocationRule.objects.create(pool=yen, reason="agreed", valid_to="2026-10-11")
    weights = {"acme": "1"}
    AllocationRule.objects.create(
        pool=yen, method="WEIGHTS", weights=weights, reason="agreed", valid_from="2026-10-11"
    )
    rows, total = cells(admin.get(f"/admin/shared-cost/pool/{yen.pk}?month=2026-10"), "targets")
    assert [(row["target"], row["driver"], row["amount"]) for row in rows] == [
        ("Acme", "1", "2,100 JPY"), ("Acme", "3", "750 JPY"), ("Beta", "1", "250 JPY"),
    ]  # fmt: skip
    assert total.cells["amount"] == "3,100 JPY"
    answer = admin.get(f"/admin/shared-cost/pool/{yen.pk}?month=2026-10&q=beta")
    assert len(cells(answer, "targets")[0]) == 1


def test_a_customer_leads_to_what_it_bears(admin, pool, used):
    AllocationRule.objects.create(pool=pool, reason="agreed")
    rows, _ = cells(admin.get("/admin/customers?month=2026-10"), "customers")
    assert {row["name"]: row["allocated_cost"] for row in rows} == {
        "Acme": 75, "Beta": 25, "(unattributed)": 0,
    }  # fmt: skip
    page = admin.get("/admin/customers?month=2026-10").content.decode()
    assert "/admin/shared-cost?month=2026-10&amp;customer=acme" in page
    rows, total = cells(admin.get("/admin/shared-cost?month=2026-10&customer=acme"), "borne")
    assert [(row["pool"], row["driver"], row["amount"]) for row in rows] == [
        ("GPUs", "3.00 USD", 75)
    ]
    rows, total = cells(admin.get("/admin/customer/acme?month=2026-10"), "borne")
    assert total.cells["amount"] == 75
    statement, _ = cells(admin.get("/admin/customer/acme?month=2026-10"), "statement")
    measures = {row["measure"]: row["total"] for row in statement}
    assert (measures["AI cost"], measures["Fully loaded cost"]) == (3, 78)


def test_a_running_month_says_what_is_of_its_whole(admin, pool, used, send, event, time_machine):
    """To 23 October a customer bears 23 of 31 days of 75.00: 55.65."""
    send([event(id="before", time="2026-09-15T10:00:00Z")])
    fold()
    time_machine.move_to(dt.datetime(2026, 10, 24, 12, tzinfo=dt.UTC))
    AllocationRule.objects.create(pool=pool, reason="agreed")
    rows, _ = cells(admin.get("/admin/customers?month=2026-10"), "customers")
    assert {row["name"]: row["allocated_cost"] for row in rows}["Acme"] == Decimal("55.65")
    for page in ("shared-cost", f"shared-cost/pool/{pool.pk}", "customer/acme"):
        assert b"f the whole month" in admin.get(f"/admin/{page}?month=2026-10").content


def test_plans_and_features_show_it_beside_direct_cost(admin, pool, used):
    AllocationRule.objects.create(
        pool=pool, target="feature", method="WEIGHTS", weights={"chat": "1"}, reason="agreed"
    )
    rows, total = cells(admin.get("/admin/features?month=2026-10"), "feature")
    found = {row["feature"]: (row["cost"], row["allocated_cost"]) for row in rows}
    assert found["Chat"] == (4, 100)
    assert total.cells["fully_loaded_cost"] == 105
    rows, _ = cells(admin.get("/admin/plans?month=2026-10"), "plans")
    assert {row["name"]: row["allocated_cost"] for row in rows}["(not split)"] == 100


def test_without_pools_no_page_speaks_of_shared_cost(admin, used):
    for page in ("customers", "plans", "features", "customer/acme"):
        assert b"ully loaded" not in admin.get(f"/admin/{page}?month=2026-10").content


def test_a_rule_is_looked_at_before_it_is_stored(admin, pool, used, time_machine):
    time_machine.move_to(dt.datetime(2026, 11, 5, tzinfo=dt.UTC))
    url = f"/admin/shared-cost/pool/{pool.pk}/rule"
    answer = admin.post(url, written(do="preview"))
    rows, total = cells(answer, "moved")
    found = [(row["month"], row["target"], row["before"], row["after"]) for row in rows]
    assert found == [
        ("2026-10", "(not allocated)", 100, 0),
        ("2026-10", "Acme", 0, 75),
        ("2026-10", "Beta", 0, 25),
    ]
    assert (total.cells["after"], total.cells["moved"]) == (100, 0)
    assert not AllocationRule.objects.exists()
    assert admin.post(url, written(do="save")).status_code == 302
    rule = AllocationRule.objects.get()
    assert (rule.created_by.username, rule.reason) == ("boss", "agreed")


def test_a_new_rule_ends_the_one_in_force_if_asked(admin, pool):
    old = AllocationRule.objects.create(pool=pool, reason="agreed")
    url = f"/admin/shared-cost/pool/{pool.pk}/rule"
    change = written(do="save", method="EVENLY", valid_from="2026-10-11")
    answer = admin.post(url, change)
    assert "There is a rule for some of these days already" in answer.content.decode()
    assert admin.post(url, {**change, "ends_before": "on"}).status_code == 302
    old.refresh_from_db()
    assert str(old.valid_to) == "2026-10-11"
    assert AllocationRule.objects.count() == 2


def test_a_rule_is_changed_and_taken_out_after_a_look(admin, pool, used, time_machine):
    time_machine.move_to(dt.datetime(2026, 11, 5, tzinfo=dt.UTC))
    rule = AllocationRule.objects.create(pool=pool, reason="agreed")
    url = f"/admin/shared-cost/rule/{rule.pk}"
    weights = written(do="save", method="WEIGHTS", weights_text="acme: 1\nbeta: 1.5")
    assert admin.post(url, weights).status_code == 302
    rule.refresh_from_db()
    assert rule.weights == {"acme": "1", "beta": "1.5"}
    rows, _ = cells(admin.post(url, {"do": "preview-removal"}), "moved")
    assert rows[0]["after"] == 100
    assert AllocationRule.objects.exists()
    assert admin.post(url, {"do": "remove"}).status_code == 302
    assert not AllocationRule.objects.exists()


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"filters_text": "colour: red"}, "is not a dimension"),
        ({"filters_text": "plan"}, "has no colon"),
        ({"filters_text": "plan:"}, "has no value"),
        ({"method": "REVENUE", "filters_text": "feature: chat"}, "Revenue has no feature"),
        ({"method": "REVENUE", "target": "feature"}, "A flat fee has no feature"),
        ({"method": "WEIGHTS"}, "need at least one"),
        ({"method": "WEIGHTS", "weights_text": "acme: -1"}, "is not one weight above 0"),
        ({"method": "WEIGHTS", "weights_text": "acme: NaN"}, "is not one weight above 0"),
        ({"method": "WEIGHTS", "weights_text": "ghost: 1"}, "There is no customer ghost"),
        ({"weights_text": "acme: 1"}, "Only fixed weights have weights"),
        ({"valid_from": "2026-10-02", "valid_to": "2026-10-01"}, "is not after the start"),
        ({"reason": ""}, "This field is required"),
    ],
)
def test_a_rule_that_cannot_be_is_refused_in_a_sentence(admin, pool, fields, words):
    Customer.objects.create(external_id="acme", name="Acme")
    answer = admin.post(f"/admin/shared-cost/pool/{pool.pk}/rule", written(do="save", **fields))
    assert words in answer.content.decode()
    assert not AllocationRule.objects.exists()


def test_a_file_is_shown_written_and_taken_back(admin):
    made = upload(admin, GOOD)
    assert "GPUs" in admin.get(f"/admin/shared-cost/import/{made.pk}").content.decode()
    assert not CostPool.objects.exists()
    for _ in range(2):
        admin.post(f"/admin/shared-cost/import/{made.pk}/apply")
    amount = CostPoolAmount.objects.get()
    assert (amount.pool.name, amount.amount_minor, amount.import_line) == ("GPUs", 10_000, 2)
    assert (amount.pool.kind, amount.pool.vendor, amount.source) == ("GPU_RENT", "Lambda", "IMPORT")
    admin.post(f"/admin/shared-cost/import/{made.pk}/undo")
    assert not CostPool.objects.exists()
    made.refresh_from_db()
    assert made.state == "undone"


def test_taking_back_leaves_a_pool_others_need(admin, pool):
    made = upload(admin, GOOD.replace("100.00", "7.5"))
    admin.post(f"/admin/shared-cost/import/{made.pk}/apply")
    assert CostPoolAmount.objects.count() == 2
    admin.post(f"/admin/shared-cost/import/{made.pk}/undo")
    assert CostPoolAmount.objects.get().pool == pool


def test_the_template_can_be_imported_as_it_is(admin):
    made = upload(admin, admin.get("/admin/shared-cost/import/template.csv").content.decode())
    assert (made.errors, len(made.rows)) == ([], 1)


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("GPUs,,,,x,USD,2026-10-01,2026-11-01,", "'x' is not a number"),
        ("GPUs,,,,1,US$,2026-10-01,2026-11-01,", "not a currency code"),
        ("GPUs,,,,1.001,USD,2026-10-01,2026-11-01,", "more decimals than USD"),
        ("GPUs,,,,1,EUR,2026-10-01,2026-11-01,", "pool 'GPUs' is in USD, not in EUR"),
        ("GPUs,,,,100,USD,2026-10-01,2026-11-01,", "has this amount for these days already"),
        ("GPUs,boats,,,1,USD,2026-10-01,2026-11-01,", "'boats' is not one of capacity"),
        ("GPUs,,,,1,USD,2026-11-01,2026-10-01,", "is not after the service start"),
        (",,,,1,USD,2026-10-01,2026-11-01,", "'pool' is empty"),
        ("GPUs,,,,0,USD,2026-10-01,2026-11-01,", "is 0 or beyond any pool"),
        ("GPUs,,,,,USD,2026-10-01,2026-11-01,", "'amount' is empty"),
    ],
)
def test_a_bad_row_is_named_with_its_line_and_nothing_is_written(admin, pool, row, words):
    made = upload(admin, GOOD.replace("GPUs", "Other") + row + "\n")
    [error] = made.errors
    assert error["line"] == 3
    assert words in error["message"]
    admin.post(f"/admin/shared-cost/import/{made.pk}/apply")
    assert CostPoolAmount.objects.count() == 1


def form(pool, **amount):
    fields = {"service_start": "2026-11-01", "service_end": "2026-12-01", "note": ""} | amount
    return {
        "name": pool.name if pool else "New", "kind": "OTHER", "cost_class": "COGS", "vendor": "",
        "currency": "USD", "amounts-TOTAL_FORMS": "1", "amounts-INITIAL_FORMS": "0",
        "amounts-MIN_NUM_FORMS": "0", "amounts-MAX_NUM_FORMS": "1000",
        **{f"amounts-0-{name}": value for name, value in fields.items()},
    }  # fmt: skip


def test_a_pool_and_its_amounts_by_hand(admin):
    admin.post("/admin/billing/costpool/add/", form(None, amount="-12.34"))
    amount = CostPoolAmount.objects.get()
    assert (amount.pool.name, amount.amount_minor, amount.source) == ("New", -1234, "HAND")
    url = f"/admin/billing/costpool/{amount.pool_id}/change/"
    admin.post(url, form(amount.pool, usage="feature: evals", service_end=""))
    added = CostPoolAmount.objects.get(source="USAGE")
    assert (added.usage_filter, added.service_end) == ({"feature": ["evals"]}, None)
    assert "feature: evals" in admin.get(url).content.decode()


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        ({}, "either an amount or a filter"),
        ({"amount": "1", "usage": "feature: evals"}, "either an amount or a filter"),
        ({"amount": "1", "service_end": ""}, "needs the day after its last"),
        ({"amount": "1.001"}, "more digits than an amount in USD"),
        ({"amount": "1", "service_end": "2026-10-01"}, "is not after the start"),
        ({"usage": "customer: acme"}, "is not accepted"),
        ({"usage": "shade: blue"}, "is not a dimension"),
        ({"usage": "model: gpt-4o"}, "takes some of this usage already"),
    ],
)
def test_an_amount_that_cannot_be_is_refused_in_a_sentence(admin, amount, words):
    other = CostPool.objects.create(name="Evaluations", currency="USD")
    CostPoolAmount.objects.create(
        pool=other, source="USAGE", service_start="2026-01-01", usage_filter={"feature": ["evals"]}
    )
    answer = admin.post("/admin/billing/costpool/add/", form(None, **amount))
    assert words in answer.content.decode()
    assert CostPoolAmount.objects.count() == 1


def test_the_api_gives_pools_and_who_bears_them(client, pool, used, api_key):
    AllocationRule.objects.create(pool=pool, reason="agreed")
    header = {"Authorization": f"Bearer {api_key}"}
    [row] = client.get("/api/v1/cost-pools", headers=header).json()["results"]
    assert (row["name"], row["amounts"][0]["amount_minor"]) == ("GPUs", 10_000)
    url = "/api/v1/reports/allocations?start=2026-10&end=2026-11"
    answer = client.get(url, headers=header).json()
    assert [(r["target"], r["driver"], r["share_pct"], r["amount"]) for r in answer["rows"]] == [
        ("acme", "3", "75", "75"), ("beta", "1", "25", "25"),
    ]  # fmt: skip
    assert answer["closed_read_as_of_now"] == []
    close(dt.date(2026, 10, 1))
    answer = client.get(url, headers=header).json()
    assert answer["closed_read_as_of_now"] == ["2026-10"]
    assert client.get("/api/v1/reports/allocations", headers=header).status_code == 400
    url = "/api/v1/reports/margin?start=2026-10&end=2026-11&by=customer"
    answer = json.loads(client.get(url, headers=header).content)
    assert answer["total"]["allocated_cost"] == "100"
    assert answer["total"]["fully_loaded_cost"] == "105"


def test_the_command_shows_it_and_what_it_leaves_out(pool, used, capsys):
    AllocationRule.objects.create(pool=pool, reason="agreed")
    yen = CostPool.objects.create(name="Seats", currency="JPY")
    CostPoolAmount.objects.create(
        pool=yen, service_start="2026-10-01", service_end="2026-11-01", amount_minor=60_000
    )
    call_command("margin", by=["customer"], start="2026-10", end="2026-11")
    printed = capsys.readouterr().out
    [acme] = [line.split() for line in printed.splitlines() if line.startswith("Acme")]
    assert acme[6:8] == ["75.00", "-78.00"]
    assert "Left out: 60,000 JPY of shared cost, unconverted." in printed


def test_changes_of_rules_are_in_the_audit_log(admin, pool):
    admin.post(f"/admin/shared-cost/pool/{pool.pk}/rule", written(do="save"))
    entry = AllocationRule.pgh_event_models["insert"].objects.get()
    assert (entry.method, entry.pgh_context.metadata["user"] is not None) == ("DIRECT_COST", True)
