"""From a figure to its lines and back: the lines sum to the figure to the last digit."""

import datetime as dt
from decimal import Decimal
from fractions import Fraction
from urllib.parse import urlencode

import jsonschema
import pytest
from django.contrib.auth import get_user_model

from billing.api.openapi import PLACED, TRACE
from billing.margin import margin
from billing.models import BillingCustomer, Plan, Subscription
from customers.models import Customer, CustomerAlias, CustomerAttribute
from tknops.calendar import Period
from usage.attribution import apply_rules
from usage.cube import fold
from usage.models import AttributionRule, Price, PriceAdjustment, UsageEvent
from usage.tokens import QUANTITIES

pytestmark = pytest.mark.django_db
OCTOBER = Period(dt.date(2026, 10, 1), dt.date(2026, 11, 1))


@pytest.fixture
def ask(client, api_key):
    def get(path, status=200, **query):
        answer = client.get(
            f"/api/v1/{path}?{urlencode(query, doseq=True)}",
            headers={"Authorization": f"Bearer {api_key}"},
        )
        assert answer.status_code == status, answer.content
        return answer.json()

    return get


@pytest.fixture
def pages(ask):
    def every(size=2, **filters):
        query = {"start": "2026-10", "end": "2026-11", "page_size": size, **filters}
        found = [ask("reports/trace", **query)]
        while found[-1]["next_cursor"]:
            found.append(ask("reports/trace", **query, cursor=found[-1]["next_cursor"]))
        return found

    return every


@pytest.fixture
def company(send, event, prices):
    """One customer on three plans at once, by id and by alias, with priced and unpriced usage."""
    acme = Customer.objects.create(external_id="acme", name="Acme")
    CustomerAlias.objects.create(customer=acme, alias="acme-old")
    CustomerAttribute.objects.create(
        customer=acme, name="tier", value="gold", valid_from=dt.date(2026, 10, 7)
    )
    billed = BillingCustomer.objects.create(external_id="b", customer=acme)
    for code, price in (("basic", "10"), ("extra", "7.77"), ("free", "0")):
        Subscription.objects.create(
            external_id=code, billing_customer=billed, price=Decimal(price), currency="USD",
            plan=Plan.objects.create(code=code, name=code), start_date=dt.date(2026, 10, 6),
        )  # fmt: skip
    Price.objects.create(
        provider_code="openai", model="gpt-4o", token_class="input_tokens", per_million=5,
        threshold=1000,
    )  # fmt: skip
    usage = (
        {"input_tokens": 1001, "output_tokens": 7},
        {"input_tokens": 3, "cache_read_tokens": 1},
    )
    send([
        event(
            id=f"e{n}", time=f"2026-10-0{5 + n % 4}T12:00:0{n}Z", usage=usage[n % 2],
            customer=("acme", "acme-old", "stranger")[n % 3],
            model="gpt-4o" if n % 5 else "unheard-of", tags={"release": str(n % 2)},
            cost={"amount": "0.01", "currency": "USD"},
        )
        for n in range(10)
    ])  # fmt: skip
    fold()


def money(text):
    return Fraction(0) if text is None else Fraction(text)


CELLS = (
    {}, {"customer": "acme"}, {"customer": "(unattributed)"}, {"model": "unheard-of"},
    {"plan": "basic"}, {"plan": ["basic", "extra"]}, {"plan": "extra", "model": "gpt-4o"},
    {"plan": "free"}, {"plan": "(no plan)"}, {"customer.tier": "gold", "tag.release": "1"},
    {"day": "2026-10-06"}, {"month": "2026-10", "source": "tests"}, {"customer": "nobody"},
)  # fmt: skip


@pytest.mark.parametrize("filters", CELLS, ids=str)
def test_lines_sum_to_the_cell(company, pages, filters):
    found = pages(**filters)
    lines = [line for page in found for line in page["lines"]]
    names = {name: keys if isinstance(keys, list) else [keys] for name, keys in filters.items()}
    cell = margin(by=[], period=OCTOBER, filters=names).total
    assert [page["equal"] for page in found] == [True] * len(found)
    assert sum(money(line["cost"]) for line in lines) == Fraction(cell.cost or 0)
    assert sum(money(line["stated_cost"]) for line in lines) == Fraction(cell.stated_cost or 0)
    for name in ("events", "unpriced_events", "unpriced_tokens"):
        assert sum(line[name] for line in lines) == getattr(cell, name), name
    for name in QUANTITIES[:-2]:
        parts = [part for line in lines for part in line["quantities"] if part["name"] == name]
        assert sum(part["quantity"] for part in parts) == cell.tokens[name], name
    ordered = [(line["time"], line["event"]) for line in lines]
    assert ordered == sorted(set(ordered))


@pytest.mark.parametrize("filters", CELLS, ids=str)
def test_each_line_says_it_belongs_there(company, pages, ask, filters):
    for page in pages(**filters):
        for line in page["lines"]:
            [back] = ask(f"events/{line['event']}", by=list(filters) or ["customer"])["lines"]
            cells = [
                cell
                for cell in back["cells"]
                if all(cell["keys"][name] in keys for name, keys in filters.items())
            ]
            assert cells
            assert sum(money(cell["line"]["cost"]) for cell in cells) == money(line["cost"])


def test_a_line_names_its_meaning_and_its_prices(company, ask):
    [line] = ask("events/e1", by=["customer", "plan"])["lines"][0]["cells"][0:1]
    assert line["keys"] == {"customer": "acme", "plan": "basic"}
    found = line["line"]
    assert found["context"]["customer"] == "acme-old"
    assert found["attribution"]["customer"] == "acme"
    assert found["attribution"]["run"]["reason"] == "new usage"
    [inputs, cached] = found["quantities"]
    assert (inputs["per_million"], inputs["prices"][0]["per_million"]) == ("2.5", "2.5")
    assert inputs["prices"][0]["token_class"] == "input_tokens"
    assert cached["name"] == "cache_read_tokens"
    assert [plan["plan"] for plan in found["plans"]] == ["basic"]


def test_a_line_names_the_rule_and_the_adjustment_and_is_as_described(company, ask):
    row = AttributionRule.objects.create(
        name="Ours", position=7, mode="OVERRIDES", cost_class="OPEX",
        valid_from=dt.date(2026, 10, 6),
    )  # fmt: skip
    row.conditions.create(field="tag", tag_key="release", operator="EQUALS", values="1")
    run = apply_rules(reason="own use")
    discount = PriceAdjustment.objects.create(
        name="Contract", kind="NEGOTIATED_DISCOUNT", value=20, provider_code="openai"
    )
    found = ask("reports/trace", start="2026-10", end="2026-11", cost_class="OPEX")
    answer = ask("events/e1", by="cost_class")
    jsonschema.validate(found, TRACE)
    jsonschema.validate(answer, PLACED)
    [cell] = answer["lines"][0]["cells"]
    meant, [inputs, _] = cell["line"]["attribution"], cell["line"]["quantities"]
    assert cell["keys"] == {"cost_class": "OPEX"}
    assert meant["rules"]["cost_class"] == {"id": row.pk, "name": "Ours", "position": 7}
    assert meant["rules"]["customer"] is None
    assert meant["run"]["id"] == run.pk
    assert inputs["per_million"] == "2"
    assert [one.get("adjustment") for one in inputs["prices"]] == [None, discount.pk]
    assert found["equal"] is True
    assert {line["attribution"]["cost_class"] for line in found["lines"]} == {"OPEX"}


def test_a_band_names_the_price_above_its_threshold(company, ask):
    [cell] = ask("events/e4")["lines"][0]["cells"]
    [inputs, _] = cell["line"]["quantities"]
    assert (inputs["quantity"], inputs["cost"]) == (1001, "0.005005")
    assert inputs["prices"][0]["threshold"] == 1000


def test_what_has_no_price_says_why(company, ask):
    [cell] = ask("events/e0")["lines"][0]["cells"]
    assert (cell["line"]["cost"], cell["line"]["unpriced_tokens"]) == (None, 1008)
    assert {part["reason"] for part in cell["line"]["quantities"]} == {"model_without_price"}
    Price.objects.filter(token_class="cache_read_tokens").update(valid_from=dt.date(2026, 12, 1))
    [cell] = ask("events/e1")["lines"][0]["cells"]
    assert [part["reason"] for part in cell["line"]["quantities"]] == [None, "class_without_price"]
    assert cell["line"]["cost"] == "0.0000075"


def test_the_trace_of_a_cell_leads_to_the_event_it_came_from(company, ask, client, api_key):
    for by in (["customer", "day"], ["plan", "tag.release"], []):
        for cell in ask("events/e2", by=by)["lines"][0]["cells"]:
            answer = client.get(cell["trace"], headers={"Authorization": f"Bearer {api_key}"})
            keys = [line["event"] for line in answer.json()["lines"]]
            assert cell["line"]["event"] in keys
            assert answer.json()["equal"] is True


def test_an_event_that_is_not_folded_stands_in_no_report(company, ask, send, event, pages):
    send(event(id="late", time="2026-10-05T01:00:00Z", usage={"input_tokens": 5}))
    [line] = ask("events/late")["lines"]
    assert (line["in_reports"], line["cells"]) == (False, [])
    before = len(pages(size=1000)[0]["lines"])
    fold()
    assert ask("events/late")["lines"][0]["in_reports"] is True
    assert len(pages(size=1000)[0]["lines"]) == before + 1


def test_a_line_the_cube_lacks_is_told(company, pages):
    UsageEvent.objects.filter(occurred_at__day=5)._raw_delete("default")
    [page] = pages(size=1000)
    assert page["equal"] is False
    assert page["lines_total"]["events"] == page["cell"]["events"] - 3


@pytest.mark.parametrize(
    "query",
    [
        "end=2026-11", "start=2026-10&end=2026-11&cursor=x", "start=2026-10&end=2026-11&cursor=é",
        "start=2026-10&end=2026-11&page_size=0", "start=2026-10&end=2026-11&page_size=1001",
        "start=2026-10&end=2026-11&page_size=%C2%B2", "start=2026-10&end=2026-11&context=1",
        "start=2026-11&end=2026-10", "start=2026-10&end=2026-11&cursor=bnVsbA",
    ],
)  # fmt: skip
def test_a_parameter_that_is_none_is_refused(client, api_key, query):
    headers = {"Authorization": f"Bearer {api_key}"}
    answer = client.get(f"/api/v1/reports/trace?{query}", headers=headers)
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
    assert answer.json()["detail"]


def test_an_unknown_event_or_dimension_is_a_problem(company, ask):
    ask("events/nobody", status=404)
    ask("events/%00", status=404)
    ask("events/e1", status=400, by="colour")


def test_a_person_without_figures_traces_nothing(company, client):
    for path in ("reports/trace?start=2026-10&end=2026-11", "events/e1"):
        assert client.get(f"/api/v1/{path}").status_code == 401
    client.force_login(get_user_model().objects.create_user("nobody", is_staff=True))
    for path in ("reports/trace?start=2026-10&end=2026-11", "events/e1"):
        assert client.get(f"/api/v1/{path}").status_code == 403
