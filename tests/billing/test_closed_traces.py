"""Traces of closed months lead to the frozen rows; other currencies are refused with a page."""

import datetime as dt
from decimal import Decimal
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import jsonschema
import pytest
from django.contrib.auth import get_user_model

from billing.api.openapi import PLACED, TRACE
from billing.margin import OtherCurrencyError, forget, margin
from billing.models import BillingCustomer, Plan, Subscription
from customers.models import Customer, CustomerAlias
from tests.billing.closed_months import close
from tknops.calendar import Period
from usage import cube
from usage.models import Price

pytestmark = pytest.mark.django_db
OCT = dt.date(2026, 10, 1)


@pytest.fixture
def closed(send, event, prices):
    """October is closed with six calls; then a price is another, a call late, an alias known.

    Each call is 1,000,000 input tokens, so it costs 2.50; from then on 5.00.
    """
    acme = Customer.objects.create(external_id="acme", name="Acme")
    billed = BillingCustomer.objects.create(external_id="b", customer=acme)
    for code in ("basic", "extra"):
        Subscription.objects.create(
            external_id=code, billing_customer=billed, price=Decimal("7.77"), currency="USD",
            plan=Plan.objects.create(code=code, name=code), start_date=OCT,
        )  # fmt: skip
    call = {"usage": {"input_tokens": 1_000_000}}
    send([
        event(id=f"e{n}", time=f"2026-{9 + n // 3:02}-{27 - n % 3}T12:00:00Z",
              customer=("acme", "old")[n % 2], **call)
        for n in range(7)
    ])  # fmt: skip
    cube.fold()
    close(OCT)
    Price.objects.filter(token_class="input_tokens").update(per_million=5)
    CustomerAlias.objects.create(customer=acme, alias="old")
    send([event(id="late", time="2026-10-09T10:00:00Z", **call)])
    cube.fold()


@pytest.fixture
def ask(client, api_key):
    def get(path, **query):
        answer = client.get(
            f"/api/v1/{path}?{urlencode(query, doseq=True)}",
            headers={"Authorization": f"Bearer {api_key}"},
        )
        assert answer.status_code == 200, answer.content
        return answer.json()

    return get


def summed(rows):
    return sum(Decimal(row["cost"] or 0) for row in rows)


def test_a_trace_of_a_closed_month_has_its_frozen_rows(closed, ask, client):
    """Three calls of October, 7.50 as closed; today they and the alias say otherwise."""
    october = {"start": "2026-10", "end": "2026-11"}
    found = ask("reports/trace", **october)
    jsonschema.validate(found, TRACE)
    assert (found["cell"]["cost"], found["equal"], found["lines"]) == ("7.5", True, [])
    rows = found["closed"]["rows"]
    assert summed(rows) == Decimal("7.5")
    assert {row["close"] for row in rows} == {"2026-10 revision 1"}
    assert sorted(row["keys"]["customer"] for row in rows if row["events"]) == [
        "(unattributed)", "(unattributed)", "acme",
    ]  # fmt: skip
    assert found["closed"]["posted_in"] == "2026-11"
    assert found["closed"]["difference"]["cost"] == "7.5"
    month = found["closed"]["months"][0]
    assert month["rests_on"]["price_revision"] is None or month["rests_on"]["price_revision"] > 0
    # A page at a time, and by plan, whose shares are those of the close.
    basic = ask("reports/trace", **october, plan="basic", page_size=1)
    pages = [basic]
    while pages[-1]["closed"]["next_cursor"]:
        cursor = pages[-1]["closed"]["next_cursor"]
        pages.append(
            ask("reports/trace", **october, plan="basic", page_size=1, closed_cursor=cursor)
        )
    listed = [row for page in pages for row in page["closed"]["rows"]]
    assert len(listed) == len(pages)
    assert summed(listed) == Decimal(basic["cell"]["cost"]) == Decimal("1.25")
    # September was never closed; November bears the late call and the corrections.
    assert ask("reports/trace", start="2026-09", end="2026-10")["closed"] is None
    november = ask("reports/trace", start="2026-11", end="2026-12")
    jsonschema.validate(november, TRACE)
    assert november["equal"] is True
    late, regular = november["lines"]
    assert (late["day"], regular["day"]) == ("2026-10-09", "2026-11-27")
    corrections = november["closed"]["rows"]
    assert {row["posted"] for row in corrections} == {"2026-11-01"}
    assert summed(corrections) + summed(november["lines"]) == Decimal(november["cell"]["cost"])
    assert november["cell"]["cost"] == "17.5"
    everything = ask("reports/trace", start="2026-09", end="2026-12", customer="acme", page_size=2)
    assert everything["equal"] is True
    client.force_login(get_user_model().objects.create_superuser("boss"))
    Customer.objects.update(name="Acme Inc.")
    page = client.get("/admin/explorer/cell?from=2026-10&to=2026-10")
    assert "+$7.50 of AI cost, is posted in November 2026" in page.content.decode()
    shown = page.context["closed"]["table"]
    assert {row.cells["customer"] for row in shown.rows} == {"(unattributed)", "Acme Inc."}
    assert [row.cells["cost"] for row in (shown.subtotal, shown.total)] == ["7.5", Decimal("7.5")]
    assert page.context["events_table"] is None


def test_an_event_of_a_closed_month_leads_to_its_frozen_row(closed, ask):
    for name, keys, cost in (
        ("e4", {"customer": "acme", "month": "2026-10"}, "2.5"),
        ("e3", {"customer": "(unattributed)", "month": "2026-10"}, "2.5"),
    ):
        answer = ask(f"events/{name}", by=["customer", "month"])
        jsonschema.validate(answer, PLACED)
        [cell] = answer["lines"][0]["cells"]
        assert (cell["keys"], cell["line"], cell["closed"]["cost"]) == (keys, None, cost)
    [cell] = ask("events/late", by=["customer", "month"])["lines"][0]["cells"]
    assert cell["keys"] == {"customer": "acme", "month": "2026-11"}
    assert (cell["start"], cell["closed"], cell["line"]["cost"]) == ("2026-11-01", None, "5")


def test_months_closed_in_another_currency_are_a_page_that_says_what_to_do(
    closed, client, api_key, settings
):
    settings.REPORTING_CURRENCY = "EUR"
    client.force_login(get_user_model().objects.create_superuser("boss"))
    for path in ("", "closing/2026-10", "adjustments", "explorer", "billing/costpool/"):
        answer = client.get(f"/admin/{path}", follow=True)
        assert answer.status_code in {200, 409}, path
    page = client.get("/admin/overview").content.decode()
    assert "October 2026 is closed in USD; reports are asked in EUR" in page
    assert "manage.py reopen_month 2026-10" in page
    answer = client.get(
        "/api/v1/reports/margin?start=2026-10&end=2026-11",
        headers={"Authorization": f"Bearer {api_key}"},
    )
    assert (answer.status_code, answer["Content-Type"]) == (409, "application/problem+json")
    assert answer.json()["code"] == "closed_in_other_currency"
    assert answer.json()["months"] == ["2026-10"]
    with pytest.raises(OtherCurrencyError, match="October 2026 is closed in USD"):
        margin(by=[], period=Period(OCT, dt.date(2026, 11, 1)))


def test_another_time_zone_moves_nothing_of_a_closed_month_and_loses_nothing(
    closed, send, event, settings
):
    """A call at the edge of October is of November elsewhere: in one of them, never in both."""
    october = Period(OCT, dt.date(2026, 11, 1))
    everything = Period(dt.date(2026, 9, 1), dt.date(2026, 12, 20))
    send([event(id="edge", time="2026-11-01T02:00:00Z")])
    cube.fold()
    before = [margin(by=[], period=one).total.events for one in (october, everything)]
    for zone in ("America/New_York", "Pacific/Auckland"):
        settings.REPORTING_ZONE = ZoneInfo(zone)
        cube.fold()
        forget()
        found = [margin(by=[], period=one).total.events for one in (october, everything)]
        assert found == before == [3, 9], zone
