"""Attributes and groups as they were and as they are, computed by hand."""

import datetime as dt
import json
from decimal import Decimal

import pytest
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.utils import timezone

from billing.margin import margin
from billing.models import BillingCustomer, Invoice, InvoiceLine
from customers.models import (
    Customer,
    CustomerAttribute,
    CustomerParent,
    EndUser,
    EndUserAttribute,
    Team,
    TeamAttribute,
)
from tknops.calendar import Period
from usage.cube import fold
from usage.models import Feature, FeatureAttribute

pytestmark = pytest.mark.django_db
OCTOBER = Period(dt.date(2026, 10, 1), dt.date(2026, 11, 1))
TODAY = dt.date(2026, 11, 24)
CALL = Decimal("0.00728")


@pytest.fixture
def customers():
    """Three customers; each pays 31 USD for October, one a day."""
    found = [
        Customer.objects.create(external_id=n, name=n.title()) for n in ("acme", "beta", "top")
    ]
    for customer in found:
        billed = BillingCustomer.objects.create(external_id=customer.external_id, customer=customer)
        invoice = Invoice.objects.create(
            external_id=customer.external_id, billing_customer=billed, currency="USD",
            invoice_date=OCTOBER.start,
        )  # fmt: skip
        InvoiceLine.objects.create(
            invoice=invoice, amount_minor=3100, service_start=OCTOBER.start,
            service_end=OCTOBER.end,
        )  # fmt: skip
    return found


@pytest.fixture
def used(send, event, prices):
    """Acme calls on the 5th and the 20th, beta on the 5th, somebody unknown on the 5th."""
    send([
        event(id="a", user="u-1", team="data", feature="chat"),
        event(id="b", user="u-1", team="data", feature="chat", time="2026-10-20T00:00:00Z"),
        event(id="c", customer="beta", feature="chat"),
        event(id="d", customer="stranger"),
    ])  # fmt: skip
    fold()


def rows(by, on=None, period=OCTOBER, **filters):
    report = margin(by=[by], period=period, attributes_on=on, filters=filters)
    return {row.key[0]: (row.events, row.revenue) for row in report.rows}


def tier(customer, value, start=None, end=None):
    CustomerAttribute.objects.create(
        customer=customer, name="tier", value=value, valid_from=start, valid_to=end
    )


def test_a_tier_that_changes_in_the_month_then_and_now(customers, used):
    """Small for 10 days, big for 21: 10 + 21 of acme's 31 USD; beta has none."""
    tier(customers[0], "small", end="2026-10-11")
    tier(customers[0], "big", "2026-10-11", "2026-11-20")
    tier(customers[0], "huge", "2026-11-20")
    assert rows("customer.tier") == {"(none)": (2, 62), "big": (1, 21), "small": (1, 10)}
    assert rows("customer.tier", TODAY) == {"(none)": (2, 62), "huge": (2, 31)}
    assert rows("customer.tier", dt.date(2026, 11, 19)) == {"(none)": (2, 62), "big": (2, 31)}


def test_a_filter_by_attribute_reads_it_the_same_way(customers, used):
    tier(customers[0], "small", end="2026-10-11")
    tier(customers[0], "big", "2026-10-11")
    assert rows("customer", **{"customer.tier": ["small"]}) == {"acme": (1, 10)}
    assert rows("customer", TODAY, **{"customer.tier": ["small"]}) == {}
    assert rows("customer", TODAY, **{"customer.tier": ["big"]}) == {"acme": (2, 31)}
    assert rows("month", TODAY, **{"customer.tier": ["big"]}) == {"2026-10": (2, 31)}


def test_a_subsidiary_sold_in_the_month_takes_usage_and_revenue_with_it_by_days(customers, used):
    """Acme belongs to top until the 11th, then to beta: 10 days there, 21 here."""
    acme, beta, top = customers
    CustomerParent.objects.create(customer=acme, parent=top, valid_to="2026-10-11")
    CustomerParent.objects.create(customer=acme, parent=beta, valid_from="2026-10-11")
    assert rows("customer_group") == {
        "(unattributed)": (1, 0), "beta": (2, 31 + 21), "top": (1, 31 + 10),
    }  # fmt: skip
    assert rows("customer_group", TODAY) == {
        "(unattributed)": (1, 0), "beta": (3, 62), "top": (0, 31),
    }  # fmt: skip
    assert margin(by=["customer_group"], period=OCTOBER).labels["customer_group"]["top"] == "Top"


def test_the_group_is_the_topmost_parent_of_any_depth_on_that_day(customers, used):
    acme, beta, top = customers
    CustomerParent.objects.create(customer=acme, parent=beta)
    CustomerParent.objects.create(customer=beta, parent=top, valid_from="2026-10-20")
    assert rows("customer_group") == {
        "(unattributed)": (1, 0), "beta": (2, 2 * 19), "top": (1, 31 + 2 * 12),
    }  # fmt: skip
    above = top
    for number in range(1200):
        over = Customer.objects.create(external_id=f"h{number}", name="H")
        CustomerParent.objects.create(customer=above, parent=over)
        above = over
    assert rows("customer_group", TODAY) == {"(unattributed)": (1, 0), "h1199": (3, 93)}


def test_without_parents_every_customer_is_its_own_group(customers, used):
    assert rows("customer_group") == rows("customer")


@pytest.mark.parametrize(
    ("model", "owner", "external_id"),
    [
        (EndUserAttribute, EndUser, "u-1"),
        (TeamAttribute, Team, "data"),
        (FeatureAttribute, Feature, "chat"),
    ],
)
def test_attributes_of_people_teams_and_features_split_cost_and_leave_revenue_whole(
    customers, used, model, owner, external_id
):
    whose = owner.objects.create(external_id=external_id, name="X")
    fold()
    for value, start, end in (("one", None, "2026-10-11"), ("two", "2026-10-11", None)):
        model.objects.create(
            **{model.OWNER: whose}, name="line", value=value, valid_from=start, valid_to=end
        )
    by = f"{model.OWNER}.line"
    of_first = 2 if model is FeatureAttribute else 1
    assert rows(by) == {
        "(none)": (3 - of_first, None), "(not split)": (0, 93), "one": (of_first, None),
        "two": (1, None),
    }  # fmt: skip
    now = rows(by, TODAY)
    assert now["two"] == (of_first + 1, None)
    assert "one" not in now
    alone = margin(by=[], period=OCTOBER, filters={by: ["one"]}).total
    assert (alone.cost, alone.revenue) == (CALL * of_first, None)


def test_an_attribute_given_later_applies_to_events_ingested_before(customers, used):
    before = rows("customer.region")
    tier(customers[0], "a")
    CustomerAttribute.objects.create(customer=customers[0], name="region", value="eu")
    assert before == {"(none)": (4, 93)}
    assert rows("customer.region") == {"(none)": (2, 62), "eu": (2, 31)}
    CustomerAttribute.objects.filter(name="region").update(value="us")
    assert rows("customer.region") == {"(none)": (2, 62), "us": (2, 31)}
    CustomerAttribute.objects.all().delete()
    assert rows("customer.region") == before


def test_api_command_and_csv_say_how_attributes_are_read(client, api_key, customers, used, capsys):
    tier(customers[0], "small", end="2026-10-11")
    tier(customers[0], "big", "2026-10-11")
    auth = {"headers": {"Authorization": f"Bearer {api_key}"}}
    url = "/api/v1/reports/margin?by=customer.tier&start=2026-10&end=2026-11"
    today = timezone.localdate()
    then, now = (client.get(url + end, **auth).json() for end in ("", "&attributes=now"))
    lines = client.get(url + "&attributes=now&format=csv", **auth).content.decode()
    command = {"by": ["customer.tier"], "start": "2026-10", "end": "2026-11"}
    call_command("margin", **command, attributes="now", format="json")
    printed = json.loads(capsys.readouterr().out)
    call_command("margin", **command, attributes="now")
    shown = capsys.readouterr().out
    assert (then["attributes"], then["attributes_on"]) == ("then", None)
    assert (now["attributes"], now["attributes_on"]) == ("now", today.isoformat())
    assert [row["customer.tier"] for row in then["rows"]] == ["(none)", "big", "small"]
    assert [row["customer.tier"] for row in now["rows"]] == [
        "(none)", "big" if today >= dt.date(2026, 10, 11) else "small",
    ]  # fmt: skip
    figures = [{k: v for k, v in one["total"].items() if k != "attributes"} for one in (then, now)]
    assert figures[0] == figures[1]
    assert printed == now
    assert f"Attributes as they are on {today}." in shown
    head, *cells = [line.split(",") for line in lines.splitlines()]
    assert {line[head.index("attributes")] for line in cells} == {"now"}
    wrong = client.get(url + "&attributes=later", **auth)
    assert wrong.status_code == 400
    assert "accepted are 'then'" in wrong.json()["detail"]


@pytest.fixture
def boss(client):
    client.force_login(get_user_model().objects.create_superuser("boss"))
    return client


def segment_cells(client, query):
    answer = client.get(f"/admin/segments?month=2026-10&{query}")
    table = answer.context["table"]
    cells = ("segment", "customers", "revenue", "events")
    found = [tuple(row.cells.get(name) for name in cells) for row in table.rows]
    return found, table, answer.content.decode()


def test_the_page_of_segments_reads_then_and_now_says_which_and_keeps_it(boss, customers, used):
    today = timezone.localdate()
    tier(customers[0], "small", end="2026-10-11")
    tier(customers[0], "big", "2026-10-11")
    CustomerAttribute.objects.filter(value="big").update(valid_to=dt.date(2026, 11, 1))
    tier(customers[0], "huge", "2026-11-01")
    found, table, page = segment_cells(boss, "by=customer.tier")
    assert found == [("big", 1, 21, 1), ("small", 1, 10, 1), ("(none)", 2, 62, 2)]
    assert "Attributes and groups as they were on each day." in page
    assert table.total.cells["revenue"] == 93
    value = "huge" if today >= dt.date(2026, 11, 1) else "big"
    found, table, page = segment_cells(boss, "by=customer.tier&attributes_as=now")
    assert found == [(value, 1, 31, 2), ("(none)", 2, 62, 2)]
    assert f"Attributes and groups as they are today, {today:%d %b %Y}" in page
    assert table.total.cells["revenue"] == 93
    link = f'href="/admin/customers?month=2026-10&amp;attributes_as=now&amp;customer.tier={value}"'
    assert link in page
    for address in ("customers", "overview", "plans", "features", "models"):
        query = f"month=2026-10&customer.tier={value}&attributes_as=now"
        answer = boss.get(f"/admin/{address}?{query}")
        assert f"as they are today, {today:%d %b %Y}" in answer.content.decode(), address
        # A field of that name hides its form's attributes from scripts.
        assert 'name="attributes"' not in answer.content.decode()
        if address == "customers":
            [row] = answer.context["table"].rows
            assert (row.cells["key"], row.cells["revenue"]) == ("acme", 31)


def test_segments_of_what_revenue_does_not_know_show_cost_and_say_so(boss, customers, used):
    chat = Feature.objects.create(external_id="chat", name="Chat")
    FeatureAttribute.objects.create(feature=chat, name="line", value="=core")
    fold()
    found, table, page = segment_cells(boss, "by=feature.line")
    assert found == [("=core", 2, None, 3), ("(none)", None, None, 1), ("(not split)", 3, 93, 0)]
    assert "revenue does not know it" in page
    assert table.rows[0].link == "features?feature.line=%3Dcore"
    csv = boss.get("/admin/segments?month=2026-10&by=feature.line&format=csv").content.decode()
    assert "'=core" in csv
    answer = boss.get("/admin/features?month=2026-10&feature.line=%3Dcore")
    assert [row.cells["events"] for row in answer.context["table"].rows] == [3]


def test_an_unknown_or_empty_choice_shows_the_first_segment(boss, customers, used):
    for query in ("by=nobody", "by=customer", ""):
        found, _, _ = segment_cells(boss, query)
        assert [row[0] for row in found] == ["Acme", "Beta", "Top", "(unattributed)"]
    assert boss.get("/admin/segments?month=2019-01").status_code == 200
