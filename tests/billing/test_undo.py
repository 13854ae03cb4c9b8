"""Attributes, parents and rules of shared cost: looked at in money, and taken back."""

import datetime as dt
from decimal import Decimal

import pytest
from django.contrib.auth import get_user_model

from billing.margin import allocations, margin
from billing.models import AllocationRule, CostPool, CostPoolAmount
from billing.undo import CannotUndoError, changes, folded, take_back
from customers.models import Customer, CustomerAttribute, CustomerParent
from tests.billing.price_book import OCTOBER
from usage.cube import fold

pytestmark = pytest.mark.django_db
ADD = "/admin/customers/customerattribute/add/"


@pytest.fixture
def acme(send, event, prices):
    found = Customer.objects.create(external_id="acme", name="Acme")
    Customer.objects.create(external_id="beta", name="Beta")
    million = {"input_tokens": 10**6}
    send([event(usage=million), event(id="b", customer="beta", usage=million)])
    fold()
    return found


@pytest.fixture
def boss(client):
    client.force_login(get_user_model().objects.create_superuser("boss"))
    return client


def cost_by(name):
    rows = margin(by=[name], period=OCTOBER).rows
    return {row.key[0]: str(row.cost.normalize()) for row in rows}


def moved(table):
    return {row.cells["name"]: str(row.cells["moved"].normalize()) for row in table.rows}


def attribute(acme, value, **fields):
    fields = {"valid_from": "", "valid_to": ""} | fields
    return {"customer": acme.pk, "name": "tier", "value": value, **fields}


def test_an_attribute_shows_its_money_before_it_is_stored_and_is_taken_back(acme, boss):
    before = cost_by("customer.tier")
    answer = boss.post(ADD, attribute(acme, "gold"))
    assert (answer.status_code, CustomerAttribute.objects.count()) == (200, 0)
    assert moved(answer.context["tables"][0]) == {"gold": "2.5", "(none)": "-2.5"}
    assert "successfully" not in answer.content.decode()
    assert boss.post(ADD, attribute(acme, "gold") | {"_money_seen": "yes"}).status_code == 302
    assert cost_by("customer.tier") == {"gold": "2.5", "(none)": "2.5"}
    page = boss.get("/admin/changes")
    assert "customer attribute added: Acme, tier = gold, always" in page.content.decode()
    [change] = page.context["changes"]
    assert change.user == "boss"
    look = boss.get(f"/admin/changes/{change.key}")
    assert moved(look.context["more"][0]) == {"gold": "-2.5", "(none)": "2.5"}
    assert cost_by("customer.tier") == {"gold": "2.5", "(none)": "2.5"}
    boss.post(f"/admin/changes/{change.key}/undo")
    assert (cost_by("customer.tier"), CustomerAttribute.objects.count()) == (before, 0)


def test_what_moves_no_money_or_is_wrong_is_answered_at_once(acme, boss):
    assert boss.post(ADD, attribute(acme, "old", valid_to="2020-01-01")).status_code == 302
    wrong = boss.post(ADD, attribute(acme, "x", valid_from="2026-02-01", valid_to="2026-01-01"))
    assert (wrong.status_code, bool(wrong.context["errors"])) == (200, True)
    assert CustomerAttribute.objects.count() == 1


def test_a_changed_and_a_removed_row_come_back_the_last_change_first(acme):
    row = CustomerAttribute.objects.create(customer=acme, name="tier", value="bronze")
    CustomerAttribute.objects.filter(pk=row.pk).update(value="gold")
    first = changes()[0]
    CustomerAttribute.objects.filter(pk=row.pk).delete()
    assert cost_by("customer.tier") == {"(none)": "5"}
    with pytest.raises(CannotUndoError, match="changed again since"):
        take_back(first)
    take_back(changes()[0])
    assert CustomerAttribute.objects.get().value == "gold"
    with pytest.raises(CannotUndoError, match="changed again since"):
        take_back(first)


def test_a_set_up_is_one_line_and_what_follows_it_its_own(acme, boss):
    for name in ("tier", "region", "segment", "size"):
        CustomerAttribute.objects.create(customer=acme, name=name, value="x")
    CustomerAttribute.objects.filter(name="tier").update(value="gold")
    folds = folded(changes())
    assert [(len(one.changes), one.said) for one in folds] == [
        (1, "1 customer attribute changed"),
        (4, "4 customer attributes added"),
    ]
    page = boss.get("/admin/changes").content.decode()
    assert "<summary>4 customer attributes added</summary>" in page
    assert page.count("Undo …") == 5
    assert [one.first for one in folded(changes()[1:3])] == changes()[1:3]


def test_a_row_whose_days_are_taken_stays_away(acme):
    row = CustomerAttribute.objects.create(customer=acme, name="tier", value="bronze")
    row.delete()
    removed = changes()[0]
    CustomerAttribute.objects.create(customer=acme, name="tier", value="gold")
    with pytest.raises(CannotUndoError, match="other rows cover its days"):
        take_back(removed)
    assert CustomerAttribute.objects.get().value == "gold"


def test_a_parent_shows_its_money_and_is_taken_back(acme, boss):
    beta = Customer.objects.get(external_id="beta")
    parent = {"customer": beta.pk, "parent": acme.pk, "valid_from": "", "valid_to": ""}
    answer = boss.post("/admin/customers/customerparent/add/", parent)
    assert moved(answer.context["tables"][0]) == {"Acme": "2.5", "Beta": "-2.5"}
    boss.post("/admin/customers/customerparent/add/", parent | {"_money_seen": "yes"})
    assert cost_by("customer_group") == {"acme": "5"}
    boss.post(f"/admin/changes/{changes()[0].key}/undo")
    assert (cost_by("customer_group"), CustomerParent.objects.count()) == (
        {"acme": "2.5", "beta": "2.5"}, 0,
    )  # fmt: skip


def test_a_rule_of_shared_cost_is_taken_back_with_the_end_of_the_one_before(acme, boss):
    pool = CostPool.objects.create(name="seats", currency="USD")
    CostPoolAmount.objects.create(
        pool=pool, service_start=dt.date(2026, 10, 1), service_end=dt.date(2026, 11, 1),
        amount_minor=1000,
    )  # fmt: skip
    AllocationRule.objects.create(pool=pool, method="EVENLY", reason="first")
    boss.post(
        f"/admin/shared-cost/pool/{pool.pk}/rule",
        {
            "do": "save", "target": "customer", "method": "WEIGHTS", "weights_text": "acme: 1",
            "valid_from": "2026-10-01", "ends_before": "on", "reason": "second",
        },
    )  # fmt: skip
    assert AllocationRule.objects.count() == 2
    assert {row.target: row.amount for row in allocations(OCTOBER)} == {"acme": Decimal(10)}
    change = changes()[0]
    assert len(change.items) == 2
    look = boss.get(f"/admin/changes/{change.key}")
    [table] = look.context["more"]
    shares = {row.cells["target"]: row.cells["moved"] for row in table.rows}
    assert shares == {"Acme": -5, "Beta": 5}
    boss.post(f"/admin/changes/{change.key}/undo")
    assert {row.target: row.amount for row in allocations(OCTOBER)} == {"acme": 5, "beta": 5}
    assert AllocationRule.objects.get().valid_to is None
