"""Any figure says which rules, names and runs brought its cost there, and on which basis it is."""

import csv
import io
from decimal import Decimal
from itertools import product

import jsonschema
import pytest
from django.contrib.auth import get_user_model

from billing.api.openapi import TRACE
from billing.margin import margin
from billing.models import SavedView
from billing.trace import decided, trace
from customers.models import Customer, CustomerAlias, CustomerAttribute
from tests.billing.price_book import OCTOBER, adjusted
from usage.attribution import EFFECTS, apply_rules
from usage.cube import fold
from usage.models import AttributionRule, RuleCondition, RuleRevision

pytestmark = pytest.mark.django_db
ACME = {"customer": ["acme"]}


@pytest.fixture
def company(send, event, prices):
    """Acme's usage by id, by alias, by two rules of two revisions; some without a price."""
    acme = Customer.objects.create(external_id="acme", name="Acme")
    CustomerAlias.objects.create(customer=acme, alias="acme-old")
    CustomerAttribute.objects.create(
        customer=acme, name="tier", value="bronze", valid_to="2026-10-06"
    )
    CustomerAttribute.objects.create(
        customer=acme, name="tier", value="gold", valid_from="2026-10-06"
    )
    million = {"input_tokens": 10**6}
    stated = {"amount": "3", "currency": "USD"}
    send([
        event(id="id", usage=million, cost=stated),
        event(id="alias", customer="acme-old", usage=million | {"output_tokens": 1}),
        event(id="eu", customer=None, tags={"region": "eu"}, usage=million, cost=stated),
        event(id="us", customer="who", tags={"region": "us"}, usage={"input_tokens": 7}),
        event(id="unpriced", model="inhouse", usage={"input_tokens": 5},
              time="2026-10-09T10:00:00Z"),
        event(id="nobody", customer=None, usage={"input_tokens": 11}),
        event(id="unknown", customer="stranger", usage={"input_tokens": 13}),
    ])  # fmt: skip
    fold()
    for region in ("eu", "us"):
        rule = AttributionRule.objects.create(name=f"{region} is Acme", customer=acme)
        RuleCondition.objects.create(
            rule=rule, field="tag", tag_key="region", operator="EQUALS", values=region
        )
        apply_rules(reason=region)
    adjusted("NEGOTIATED_DISCOUNT", "50")


@pytest.fixture
def boss(client):
    client.force_login(get_user_model().objects.create_superuser("boss"))
    return client


def parts(**asked):
    found = decided(period=OCTOBER, **asked)
    return {one.said: one for one in found.deciders}, found.cost


def test_rules_names_and_none_sum_to_the_figure(company):
    one, two = RuleRevision.objects.order_by("pk").values_list("pk", flat=True)
    found, cost = parts(effect="customer", filters=ACME)
    of = "rule “{0} is Acme” at position 100, revision {1}".format
    assert {said: (part.cost, part.events) for said, part in found.items()} == {
        "external id as sent, no rule": (Decimal("1.25"), 2),
        "alias “acme-old” as sent": (Decimal("1.250005"), 1),
        of("eu", one): (Decimal("1.25"), 1),
        of("us", two): (Decimal("0.00000875"), 1),
    }
    assert sum(part.cost for part in found.values()) == cost
    assert cost == margin(by=[], period=OCTOBER, filters=ACME).total.cost
    assert [run.reason for run in found[of("us", two)].runs] == ["us"]
    assert found["external id as sent, no rule"].unpriced_events == 1


def test_every_split_sums_to_its_figure(company):
    narrowed = [{}, ACME, {"customer.tier": ["gold"]}, {"day": ["2026-10-05"]}]
    for basis, filters in product(("contracted", "list", "stated"), narrowed):
        asked = {"period": OCTOBER, "filters": filters, "basis": basis}
        cell = trace(**asked, limit=50)
        assert cell.equal
        known = [row.cost for row in cell.lines if row.cost is not None]
        assert sum(known) == (cell.cell.cost or 0)
        assert sum(row.unpriced_events for row in cell.lines) == cell.cell.unpriced_events
        assert sum(row.unpriced_tokens for row in cell.lines) == cell.cell.unpriced_tokens
        for effect in EFFECTS if filters is ACME else ("customer",):
            found = decided(effect=effect, **asked)
            assert sum(one.cost or 0 for one in found.deciders) == (cell.cell.cost or 0)
            assert sum(one.events for one in found.deciders) == cell.cell.events
            assert all(one.kind != "closed month" for one in found.deciders)


def test_what_nothing_decided_is_said(company):
    found, _ = parts(effect="customer", filters={"customer": ["(unattributed)"]})
    assert {said: part.events for said, part in found.items()} == {
        "the call names none, and no rule sets it": 1,
        "the name as sent is none of ours, and no rule sets it": 1,
    }


def test_the_trace_api_and_the_page_of_a_figure_say_why(company, boss, client, api_key):
    query = "start=2026-10&end=2026-11&customer=acme&why=customer&basis=list"
    bearer = {"Authorization": f"Bearer {api_key}"}
    answer = client.get(f"/api/v1/reports/trace?{query}", headers=bearer)
    body = answer.json()
    jsonschema.validate(body, TRACE)
    known = [Decimal(one["cost"]) for one in body["why"]["decided_by"] if one["cost"]]
    assert sum(known) == Decimal(body["cell"]["cost"]) == Decimal(body["why"]["cost"])
    assert (body["equal"], body["cost_basis"]) == (True, "list")
    wrong = client.get(f"/api/v1/reports/trace?{query}&why=plan", headers=bearer)
    assert (wrong.status_code, "'plan' is not decided" in wrong.json()["detail"]) == (400, True)
    page = boss.get("/admin/customer/acme?month=2026-10")
    answer = boss.get(page.context["why"].partition("#")[0])
    rule = AttributionRule.objects.get(name="eu is Acme")
    text = answer.content.decode()
    assert f'/usage/attributionrule/{rule.pk}/change/">rule “eu is Acme” at position 100' in text
    assert answer.context["why"].cost == page.context["figures"].cost


def test_the_explorer_asks_on_a_basis_and_as_attributes_are_now(company, boss):
    base = "/admin/explorer?rows=customer.tier&measure=cost&from=2026-10&to=2026-10"
    for extra, basis in (("", "contracted"), ("&basis=list", "list"), ("&basis=stated", "stated")):
        answer = boss.get(base + extra)
        total = margin(by=[], period=OCTOBER, basis=basis).total.cost
        assert answer.context["table"].total.cells["cost"] == total
        assert boss.get(answer.context["call"]).json()["cost_basis"] == basis
    then = {row.cells["customer.tier"]: row for row in answer.context["table"].rows}
    now = boss.get(f"{base}&attributes_as=now")
    tiers = {row.cells["customer.tier"]: row for row in now.context["table"].rows}
    assert "bronze" in then
    assert set(tiers) == {"gold", "(none)"}
    assert "as they are today" in now.content.decode()
    assert boss.get(now.context["call"]).json()["attributes"] == "now"
    cell = boss.get(tiers["gold"].links["cost"])
    assert cell.context["total"].cost == tiers["gold"].cells["cost"]


def test_files_links_and_views_keep_basis_and_attributes(company, boss):
    query = "rows=customer.tier&measure=cost&from=2026-10&to=2026-10&basis=stated&attributes_as=now"
    answer = boss.get(f"/admin/explorer?{query}&format=csv")
    told = dict(line for line in csv.reader(io.StringIO(answer.content.decode())) if len(line) == 2)
    assert "what the provider stated with each call" in told["Basis"]
    assert told["Attributes"].startswith("as they are today")
    boss.post("/admin/explorer/save", {"name": "stated", "query": query})
    assert SavedView.objects.get().query == query
    page = boss.get(
        "/admin/customers?month=2026-10&basis=list&attributes_as=now&customer.tier=gold"
    )
    link = page.context["explore"]
    assert ("basis=list" in link, "attributes_as=now" in link) == (True, True)
    asked = boss.get(link).context["table"].total.cells["cost"]
    assert asked == page.context["table"].total.cells["cost"]
    wrong = boss.get("/admin/explorer?basis=net")
    assert (wrong.status_code, "accepted: contracted, list, stated" in wrong.content.decode()) == (
        400, True,
    )  # fmt: skip
