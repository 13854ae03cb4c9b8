"""Matching billing customers: suggested with a reason, accepted, shown in money, taken back."""

import datetime as dt

import pytest
from django.contrib.auth import get_user_model
from django.db import IntegrityError, transaction

from billing.importers import undo_import
from billing.margin import margin
from billing.matching import match_billed, merge_customers, suggest, undo_match
from billing.models import BillingCustomer, BillingImport, Decision, MatchRecord
from customers.models import Customer, CustomerAlias, EndUser
from tknops.calendar import Period
from usage.cube import fold

pytestmark = pytest.mark.django_db
OCTOBER = Period(dt.date(2026, 10, 1), dt.date(2026, 11, 1))
HEAD = (
    "external_customer_id,customer_name,invoice_id,amount,currency,invoice_date,service_start,"
    "service_end\n"
)
NOW = dt.datetime(2026, 11, 28, tzinfo=dt.UTC)


def invoice(customer, amount=31, month="10", end="2026-11-01"):
    days = f"2026-{month}-01,2026-{month}-01,{end}"
    return f"{customer},{customer.title()},I-{customer}-{month},{amount},USD,{days}\n"


@pytest.fixture
def boss():
    return get_user_model().objects.create_superuser("boss")


@pytest.fixture
def admin(client, boss):
    client.force_login(boss)
    return client


def customer(key, **fields):
    return Customer.objects.create(external_id=key, name=key.title(), **fields)


def billed(key, **fields):
    return BillingCustomer.objects.create(external_id=key, **fields)


def history(key):
    rows = MatchRecord.objects.filter(billed=key).order_by("pk")
    return [(row.before, row.after, row.reason) for row in rows]


def suggested(one):
    return [(found.target, found.reason, found.evidence) for found in suggest([one])[one.pk]]


# Suggestions


def test_metadata_that_is_an_id_of_ours_letter_by_letter_is_suggested(send, event):
    send(event(customer="tenant-7"))
    acme = customer("acme")
    CustomerAlias.objects.create(customer=acme, alias="ACME-prod")
    assert suggested(billed("c1", metadata={"tenant_id": "acme"})) == [
        ("acme", "METADATA", "metadata tenant_id = acme")
    ]
    assert suggested(billed("c2", metadata={"a": "ACME-prod"})) == [
        ("acme", "METADATA", "metadata a = ACME-prod, an alias")
    ]
    assert suggested(billed("c3", metadata={"workspace": "tenant-7"})) == [
        ("tenant-7", "METADATA", "metadata workspace = tenant-7, a name in the usage")
    ]
    assert suggested(billed("c4", metadata={"tenant_id": "Acme", "note": "acme corp"})) == []


def test_a_domain_is_suggested_where_one_customer_has_it():
    acme, birch = customer("acme", email="ap@acme.com"), customer("birch")
    CustomerAlias.objects.create(customer=birch, alias="birch.io")
    EndUser.objects.create(external_id="kim@cedar.dev", customer=birch)
    assert suggested(billed("c1", email="Bills@ACME.com")) == [
        ("acme", "DOMAIN", "e-mail domain acme.com")
    ]
    assert suggested(billed("c2", email="x@birch.io"))[0][:2] == ("birch", "DOMAIN")
    assert suggested(billed("c3", email="x@cedar.dev"))[0][:2] == ("birch", "DOMAIN")
    EndUser.objects.create(external_id="lee@birch.io", customer=acme)
    assert suggested(BillingCustomer.objects.get(external_id="c2")) == []


def test_mailbox_providers_and_names_of_several_say_nothing():
    customer("acme", email="acme@gmail.com")
    Customer.objects.create(external_id="twin", name="Acme")
    assert suggested(billed("c1", name="Acme", email="other@gmail.com")) == []
    customer("birch")
    assert suggested(billed("c2", name="BIRCH")) == [("birch", "NAME", "the same name")]


# History


def test_matches_are_recorded_with_who_and_why_and_taken_back(boss):
    acme = customer("acme")
    one = billed("cus_1", metadata={"tenant": "acme"})
    match_billed(billed=one, target="acme", user=boss)
    record = MatchRecord.objects.get()
    assert (record.reason, record.evidence, record.created_by) == (
        "METADATA", "metadata tenant = acme", boss,
    )  # fmt: skip
    undo_match(record=record, user=boss)
    one.refresh_from_db()
    assert one.customer is None
    assert history("cus_1") == [("", "acme", "METADATA"), ("acme", "", "UNDO")]
    undo_match(record=MatchRecord.objects.latest("pk"))
    one.refresh_from_db()
    assert one.customer == acme


def test_only_the_newest_change_can_be_taken_back():
    customer("acme"), customer("birch")
    one = billed("cus_1")
    match_billed(billed=one, target="acme")
    match_billed(billed=one, target="birch")
    first, second = MatchRecord.objects.order_by("pk")
    assert (second.before, second.after, second.reason) == ("acme", "birch", "HAND")
    with pytest.raises(ValueError, match="the match of cus_1 was changed since"):
        undo_match(record=first)
    undo_match(record=second)
    one.refresh_from_db()
    assert one.customer.external_id == "acme"
    match_billed(billed=one, target="acme")
    assert len(history("cus_1")) == 3


def test_a_matched_customer_keeps_its_match_when_imported_again(import_bytes):
    customer("acme"), customer("birch")
    import_bytes((HEAD + invoice("acme")).encode())
    assert history("acme") == [("", "acme", "ID")]
    match_billed(billed=BillingCustomer.objects.get(), target="birch")
    import_bytes((HEAD + invoice("acme", month="09", end="2026-10-01")).encode())
    assert BillingCustomer.objects.get().customer.external_id == "birch"
    undo_match(record=MatchRecord.objects.latest("pk"))
    assert BillingCustomer.objects.get().customer.external_id == "acme"


def test_what_was_taken_back_is_left_to_a_person(import_bytes):
    customer("acme")
    import_bytes((HEAD + invoice("acme")).encode())
    undo_match(record=MatchRecord.objects.get())
    import_bytes((HEAD + invoice("acme", month="09", end="2026-10-01")).encode())
    assert BillingCustomer.objects.get().customer is None
    assert suggested(BillingCustomer.objects.get()) == [("acme", "ID", "the same id")]


def test_a_bill_that_comes_again_after_an_undone_import_is_matched_as_before(import_bytes):
    customer("birch")
    import_bytes((HEAD + invoice("cus_9")).encode())
    match_billed(billed=BillingCustomer.objects.get(), target="birch")
    undo_import(made=BillingImport.objects.get(), now=NOW)
    assert not BillingCustomer.objects.exists()
    import_bytes((HEAD + invoice("cus_9")).encode())
    assert BillingCustomer.objects.get().customer.external_id == "birch"
    assert history("cus_9") == [("", "birch", "HAND"), ("", "birch", "BEFORE")]


def test_merging_records_the_bills_and_keeps_decisions(boss):
    keep, gone = customer("keep"), customer("gone")
    billed("cus_1", customer=gone), billed("cus_2", customer=keep)
    Decision.objects.create(customer=gone, kind="CAP", owner="Kim", decision_date="2026-10-01")
    merge_customers(keep=keep, gone=gone, user=boss)
    assert history("cus_1") == [("gone", "keep", "MERGE")]
    assert history("cus_2") == []
    assert Decision.objects.get().customer == keep
    undo_match(record=MatchRecord.objects.get())
    assert BillingCustomer.objects.get(external_id="cus_1").customer is None


@pytest.mark.parametrize(
    "fields",
    [
        {"billed": "", "after": "a", "reason": "HAND"},
        {"billed": "b", "before": "a", "after": "a", "reason": "HAND"},
        {"billed": "b", "after": "a", "reason": "GUESS"},
    ],
)
def test_the_database_refuses_records_that_say_nothing(fields):
    with pytest.raises(IntegrityError), transaction.atomic():
        MatchRecord.objects.create(**fields)


# Metadata of the biller


def test_metadata_columns_are_kept_by_pattern_and_size_and_given_back_by_undo(import_bytes):
    head = "id,Name,Email,tenant_id (metadata),Notes about them (metadata),long (metadata),Plan\n"
    import_bytes(
        f"{head}cus_1,Acme,a@acme.com,acme,private,{'x' * 201},pro\n".encode(), "stripe-customers"
    )
    assert BillingCustomer.objects.get().metadata == {"tenant_id": "acme"}
    second = import_bytes(b"id,Name,tenant_id (metadata)\ncus_1,Acme,acme-2\n", "stripe-customers")
    assert (second.created, BillingCustomer.objects.get().metadata) == (1, {"tenant_id": "acme-2"})
    import_bytes(b"id,Name,Email\ncus_1,Acme,a@acme.com\n", "stripe-customers")
    assert BillingCustomer.objects.get().metadata == {"tenant_id": "acme-2"}
    undo_import(made=second, now=NOW)
    assert BillingCustomer.objects.get().metadata == {"tenant_id": "acme"}


# Through the page


@pytest.fixture
def october(send, event, prices, import_bytes):
    """Two customers with usage of 25 each, three bills none of which has a name of theirs."""
    customer("acme", email="ap@acme.com"), customer("birch")
    usage = {"input_tokens": 10**7}
    send([event(id=key, customer=key, usage=usage) for key in ("acme", "birch")])
    fold()
    lines = invoice("cus_1", 40) + invoice("cus_2", 60) + invoice("cus_3", 7)
    lines += invoice("cus_2", 62, month="09", end="2026-10-01")
    import_bytes((HEAD + lines).encode())
    known = b"id,Email,tenant (metadata)\ncus_1,ar@acme.com,\ncus_2,,birch\n"
    import_bytes(known, "stripe-customers")


def revenues():
    return {row.key[0]: row.revenue for row in margin(by=["customer"], period=OCTOBER).rows}


def test_the_queue_names_reasons_and_several_are_accepted_at_once(admin, october):
    page = admin.get("/admin/matching?month=2026-10")
    rows = [
        (one.key, one.suggestion, one.reason, one.money) for one in page.context["billing"].rows
    ]
    assert rows == [
        ("cus_2", "birch", "metadata tenant = birch", 122),
        ("cus_1", "acme", "e-mail domain acme.com", 40),
        ("cus_3", "", "", 7),
    ]
    assert "Accept all ticked" in page.content.decode()
    # One row alone is without a suggestion: its own button creates it.
    assert page.context["billing"].unsuggested == 1
    assert "without a suggestion" not in page.content.decode()
    pairs = ["cus_1\tacme", "cus_2\tbirch"]
    answer = admin.post(
        "/admin/matching/match", {"side": "billing", "pair": pairs, "month": "2026-10"}, follow=True
    )
    assert "cus_1, cus_2: 2 suggestions accepted." in answer.content.decode()
    assert revenues() == {"(unattributed)": 7, "acme": 40, "birch": 60}
    assert [row.reason for row in MatchRecord.objects.order_by("pk")] == ["DOMAIN", "METADATA"]


def test_one_bad_pair_keeps_all_from_being_accepted(admin, october):
    pairs = ["cus_1\tacme", "cus_2\tnobody"]
    answer = admin.post("/admin/matching/match", {"side": "billing", "pair": pairs}, follow=True)
    assert "&#x27;nobody&#x27; is no customer" in answer.content.decode()
    assert not MatchRecord.objects.exists()
    assert not BillingCustomer.objects.exclude(customer=None).exists()


def test_a_match_is_undone_on_the_page(admin, october):
    admin.post("/admin/matching/match", {"side": "billing", "key": "cus_1", "target": "acme"})
    record = MatchRecord.objects.get()
    assert record.created_by.username == "boss"
    page = admin.get("/admin/matching?month=2026-10").content.decode()
    assert f'action="/admin/matching/undo/{record.pk}"' in page
    for find, shown in (("CUS_1", 1), ("acme", 1), ("cus_2", 0)):
        listed = admin.get(f"/admin/matching?month=2026-10&find={find}").context["matched"]
        assert len(listed) == shown
    admin.post(f"/admin/matching/undo/{record.pk}")
    assert revenues()["(unattributed)"] == 107


def test_a_second_bill_of_a_customer_is_shown_in_money_first(admin, october):
    """Birch: 25 of cost in October; cus_2 brings 62 of September and 60 of October."""
    address = "/admin/matching/money?month=2026-10&side=billing&key=cus_2&target=birch"
    found = admin.get(address)
    rows = [
        [row.cells[k] for k in ("month", "revenue", "kept_cost", "then_margin")]
        for row in found.context["table"].rows
    ]
    assert rows == [["2026-10", 60, 25, 35], ["2026-09", 62, 0, 62]]
    assert found.context["table"].total.cells["then_margin"] == 97
    assert not MatchRecord.objects.exists()
    nothing = admin.get(address.removesuffix("birch"), follow=True)
    assert "Say first which customer Cus_2 may be." in nothing.content.decode()
    for key in ("cus_2", "cus_3"):
        admin.post("/admin/matching/match", {"side": "billing", "key": key, "target": "birch"})
    page = admin.get("/admin/matching?month=2026-10")
    [several] = page.context["together"]
    assert (several.name, several.billed) == ("Birch", ["Cus_2 (cus_2)", "Cus_3 (cus_3)"])
    assert revenues()["birch"] == 67


def test_a_merge_is_shown_in_money_first(admin, october):
    admin.post("/admin/matching/match", {"side": "billing", "key": "cus_2", "target": "birch"})
    address = "/admin/matching/money?month=2026-10&side=merge&key=birch&target=acme"
    found = admin.get(address)
    [october_row, september] = found.context["table"].rows
    keys = ("revenue", "cost", "kept_revenue", "kept_cost", "then_margin")
    assert [october_row.cells[k] for k in keys] == [60, 25, 0, 25, 10]
    assert [september.cells[k] for k in keys] == [62, 0, 0, 0, 62]
    assert "1 billing customers, 1 aliases" in " ".join(found.content.decode().split())
    assert Customer.objects.filter(external_id="birch").exists()
    wrong = admin.get("/admin/matching/money?side=merge&key=birch&target=birch", follow=True)
    assert "is no other customer" in wrong.content.decode()


def test_the_strip_says_how_much_finds_its_other_half(admin, october):
    """Of 107 of revenue and 50 of cost, 40 and 25 meet when cus_1 is acme."""
    admin.post("/admin/matching/match", {"side": "billing", "key": "cus_1", "target": "acme"})
    texts = [part.text for part in admin.get("/admin/plans?month=2026-10").context["strip"]]
    assert "37.4\u00a0% of revenue and 50.0\u00a0% of cost find their other half" in texts
