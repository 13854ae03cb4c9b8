"""What is sent and what is billed, brought together by one click, back into the past."""

import datetime as dt
import re

import pytest
from django.contrib.auth import get_user_model

from billing.margin import margin
from billing.matching import merge_customers
from billing.models import BillingCustomer
from billing.reports.join_health import _suggest
from customers.models import Customer, CustomerAlias, CustomerAttribute
from tknops.calendar import Period
from usage.attribution import attribute
from usage.cube import fold

pytestmark = pytest.mark.django_db
OCTOBER = Period(dt.date(2026, 10, 1), dt.date(2026, 11, 1))
HEAD = (
    "external_customer_id,customer_name,invoice_id,amount,currency,invoice_date,service_start,"
    "service_end\n"
)


@pytest.fixture
def admin(client):
    client.force_login(get_user_model().objects.create_superuser("boss"))
    return client


@pytest.fixture
def sent(send, event, prices):
    common = {"feature": "chat", "team": "data", "user": "u-1"}
    send([event(id="a", **common), event(id="b", customer="beta", feature="search")])
    fold()


def keys(by):
    return [row.key[0] for row in margin(by=[by], period=OCTOBER).rows]


def match(admin, side, *references, target=""):
    return admin.post("/admin/matching/match", {"side": side, "key": references, "target": target})


@pytest.mark.parametrize(
    ("side", "reference", "other"),
    [("customer", "acme", "beta"), ("feature", "chat", "search")],
)
def test_a_reference_is_created_or_becomes_another_name(admin, sent, side, reference, other):
    assert keys(side) == ["(unattributed)"]
    match(admin, side, reference)
    assert keys(side) == ["(unattributed)", reference]
    match(admin, side, other, target=reference)
    assert keys(side) == [reference]


def test_teams_and_end_users_are_created_too(admin, sent):
    match(admin, "team", "data")
    match(admin, "end_user", "u-1")
    assert keys("team") == ["(none)", "data"]
    page = admin.get("/admin/matching?month=2026-10").content.decode()
    assert 'value="u-1"' not in page


def test_all_shown_are_created_at_once(admin, sent):
    match(admin, "customer", "acme", "beta")
    assert keys("customer") == ["acme", "beta"]


def test_a_target_that_is_not_there_is_named_and_nothing_changes(admin, sent):
    answer = admin.post(
        "/admin/matching/match",
        {"side": "customer", "key": "beta", "target": "nobody"},
        follow=True,
    )
    assert "&#x27;nobody&#x27; is no customer" in answer.content.decode()
    assert not CustomerAlias.objects.exists()


def test_a_bill_is_matched_to_a_name_in_the_usage_in_one_step(admin, sent, import_bytes):
    import_bytes((HEAD + "cus_1,Acme Inc,I1,31,USD,2026-10-01,2026-10-01,2026-11-01\n").encode())
    page = admin.get("/admin/matching?month=2026-10").content.decode()
    assert re.search(r'value="acme"\s+aria-label="Counterpart of Acme Inc', page)
    match(admin, "billing", "cus_1", target="acme")
    [_, row] = margin(by=["customer"], period=OCTOBER).rows
    assert (row.key, row.revenue, row.events) == (("acme",), 31, 1)
    assert Customer.objects.get().name == "Acme Inc"


def test_a_bill_is_not_matched_to_what_is_neither_customer_nor_in_the_usage(
    admin, sent, import_bytes
):
    import_bytes((HEAD + "cus_1,Acme,I1,31,USD,2026-10-01,2026-10-01,2026-11-01\n").encode())
    answer = admin.post(
        "/admin/matching/match",
        {"side": "billing", "key": "cus_1", "target": "nobody", "month": "2026-10"},
        follow=True,
    )
    assert answer.redirect_chain == [("/admin/matching?month=2026-10", 302)]
    assert "&#x27;nobody&#x27; is no customer and no name in the usage" in answer.content.decode()
    assert not Customer.objects.exists()


def test_months_without_usage_do_not_claim_that_all_is_known(admin, sent):
    page = admin.get("/admin/matching?month=2024-01").content.decode()
    assert "Every call that names a customer" not in page
    assert 'href="?month=2026-10">October 2026</a>' in page


def test_two_customers_that_are_one_are_merged(admin, sent, import_bytes):
    match(admin, "customer", "acme")
    import_bytes((HEAD + "cus_1,Acme,I1,31,USD,2026-10-01,2026-10-01,2026-11-01\n").encode())
    match(admin, "billing", "cus_1")
    assert keys("customer") == ["(unattributed)", "acme", "cus_1"]
    page = admin.get("/admin/matching?month=2026-10").content.decode()
    assert "AI cost, no bill" in page
    match(admin, "merge", "cus_1", target="acme")
    [_, acme] = margin(by=["customer"], period=OCTOBER).rows
    assert (acme.key, acme.revenue, acme.events) == (("acme",), 31, 1)


def test_merging_keeps_the_attributes_of_the_one_kept():
    keep, gone = (Customer.objects.create(external_id=n, name=n) for n in ("keep", "gone"))
    for customer, tier in ((keep, "big"), (gone, "small")):
        CustomerAttribute.objects.create(customer=customer, name="tier", value=tier)
    CustomerAttribute.objects.create(customer=gone, name="region", value="eu")
    BillingCustomer.objects.create(external_id="cus_1", customer=gone)
    merge_customers(keep=keep, gone=gone)
    found = CustomerAttribute.objects.order_by("name").values_list("name", "value")
    assert list(found) == [("region", "eu"), ("tier", "big")]
    assert (BillingCustomer.objects.get().customer, keep.aliases.get().alias) == (keep, "gone")


def test_an_alias_counts_for_features_as_for_customers(admin, sent):
    match(admin, "feature", "chat")
    match(admin, "feature", "search", target="chat")
    assert attribute(reason="again") is None
    assert keys("feature") == ["chat"]


def test_join_health_says_how_much_meets(admin, sent, import_bytes):
    match(admin, "customer", "acme", "beta")
    import_bytes((HEAD + "acme,Acme,I1,31,USD,2026-10-01,2026-10-01,2026-11-01\n").encode())
    page = admin.get("/admin/matching?month=2026-10").content.decode()
    assert "50.0\u00a0%" in page
    assert "100.0\u00a0%" in page


@pytest.mark.parametrize(
    ("key", "name", "found"),
    [
        ("cus_N021xYz", "Violet GmbH", "violet"),
        ("cus_N021xYz", "Amber GmbH", ""),
        ("violett", "Violett", "violet"),
    ],
)
def test_a_billers_numbered_id_suggests_no_other_numbered_one(key, name, found):
    known = {"cus_N018xYz": "Slate Labs", "violet": "violet"}
    assert _suggest(key, name, known, {n.lower(): k for k, n in known.items()}) == found
