"""The same usage by contracted, list and provider-stated cost."""

import csv
import io
import json
from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command

from billing.margin import margin
from tests.billing.price_book import OCTOBER, adjusted
from usage.cube import fold
from usage.models import Price

pytestmark = pytest.mark.django_db
URL = "/api/v1/reports/margin?by=customer&start=2026-10&end=2026-11"
MILLION = {"input_tokens": 10**6}


@pytest.fixture
def usage(send, event, prices):
    """A call of 1 M input with a statement of 2.20, one without, one in EUR, one unpriced."""
    Price.objects.create(
        provider_code="openai", model="gpt-4o", token_class="input_tokens", kind="CONTRACTED",
        per_million=2, valid_from="2026-10-10",
    )  # fmt: skip
    send([
        event(id="a", usage=MILLION, cost={"amount": "2.20", "currency": "USD"}),
        event(id="b", usage=MILLION, time="2026-10-10T00:00:00Z"),
        event(id="c", usage=MILLION, customer="beta", cost={"amount": "9", "currency": "EUR"}),
        event(id="d", usage=MILLION, customer="beta", model="new"),
        event(id="e", usage=MILLION, customer="gamma", model="new",
              cost={"amount": "1", "currency": "USD"}),
    ])  # fmt: skip
    fold()


def found(basis):
    report = margin(by=["customer_reference"], period=OCTOBER, basis=basis)
    assert report.cost_basis == basis
    rows = {row.key[0]: row for row in [*report.rows]}
    return {
        name: (row.cost, row.unpriced_events, row.unpriced_tokens) for name, row in rows.items()
    } | {"total": (report.total.cost, report.total.unpriced_events, report.total.unpriced_tokens)}


def test_contracted_is_the_default(usage):
    assert margin(by=[], period=OCTOBER).cost_basis == "contracted"
    assert found("contracted") == {
        "acme": (Decimal("4.50"), 0, 0),
        "beta": (Decimal("2.50"), 1, 10**6),
        "gamma": (None, 1, 10**6),
        "total": (Decimal(7), 2, 2 * 10**6),
    }


def test_list_leaves_contracts_out(usage):
    adjusted("NEGOTIATED_DISCOUNT", "50")
    assert found("list") == {
        "acme": (Decimal(5), 0, 0),
        "beta": (Decimal("2.50"), 1, 10**6),
        "gamma": (None, 1, 10**6),
        "total": (Decimal("7.50"), 2, 2 * 10**6),
    }


def test_stated_counts_what_was_not_stated_as_unpriced(usage):
    """What was stated in EUR is stated, and without a rate unconverted."""
    assert found("stated") == {
        "acme": (Decimal("2.20"), 1, 10**6),
        "beta": (None, 1, 10**6),
        "gamma": (Decimal(1), 0, 0),
        "total": (Decimal("3.20"), 2, 2 * 10**6),
    }
    assert margin(by=[], period=OCTOBER, basis="stated").unconverted_cost == {"EUR": 9}


@pytest.mark.parametrize(
    ("basis", "cost"), [("contracted", "7"), ("list", "7.5"), ("stated", "3.2")]
)
def test_api_names_the_basis_of_cost(usage, client, api_key, basis, cost):
    answer = client.get(f"{URL}&basis={basis}", headers={"Authorization": f"Bearer {api_key}"})
    body = answer.json()
    assert (body["cost_basis"], body["total"]["cost"]) == (basis, cost)
    assert "basis" in body
    rows = csv.DictReader(io.StringIO(client.get(
        f"{URL}&basis={basis}&format=csv", headers={"Authorization": f"Bearer {api_key}"}
    ).content.decode()))  # fmt: skip
    assert sum(Decimal(row["cost"]) for row in rows if row["cost"]) == Decimal(cost)


def test_api_refuses_another_basis_and_names_those_there_are(client, api_key):
    answer = client.get(f"{URL}&basis=net", headers={"Authorization": f"Bearer {api_key}"})
    assert answer.status_code == 400
    assert (
        "'net' is no basis of cost; accepted: contracted, list, stated" in answer.content.decode()
    )


def test_command_takes_a_basis(usage):
    out = io.StringIO()
    call_command(
        "margin", by=["customer"], start="2026-10", end="2026-11", basis="stated", format="json",
        stdout=out,
    )  # fmt: skip
    report = json.loads(out.getvalue())
    assert (report["cost_basis"], report["total"]["unpriced_events"]) == ("stated", 2)
    with pytest.raises(CommandError, match="invalid choice: 'net'"):
        call_command("margin", "--start=2026-10", "--end=2026-11", "--basis=net")


def test_the_table_names_its_basis(usage):
    out = io.StringIO()
    call_command("margin", start="2026-10", end="2026-11", basis="list", stdout=out)
    assert "cost by list prices" in out.getvalue()
