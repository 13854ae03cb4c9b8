"""A report of more rows than a web worker should make is refused with advice, by the web only."""

import json

import pytest
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.urls import reverse

from usage.cube import fold

pytestmark = pytest.mark.django_db
PERIOD = "start=2026-10&end=2026-11"
ADVICE = "more than 2 rows. Ask for a shorter period, fewer dimensions or a filter"


@pytest.fixture(autouse=True)
def three_customers(settings, send, event, prices):
    settings.REPORT_MOST_ROWS = 2
    assert send([event(id=f"e-{n}", customer=f"c-{n}") for n in range(3)]).status_code == 200
    fold()


def test_the_api_names_the_limit_and_what_to_do(client, api_key):
    def ask(by):
        address = f"/api/v1/reports/margin?{PERIOD}&by={by}"
        return client.get(address, headers={"Authorization": f"Bearer {api_key}"})

    refused = ask("customer_reference")
    assert refused.status_code == 400
    assert f"by customer_reference has {ADVICE}" in refused.json()["detail"]
    assert len(ask("model").json()["rows"]) == 1


def test_fewer_but_many_are_sent_as_they_are_written(client, api_key, settings, monkeypatch):
    settings.REPORT_MOST_ROWS = 3

    def ask(form):
        address = f"/api/v1/reports/margin?{PERIOD}&by=customer_reference&format={form}"
        return client.get(address, headers={"Authorization": f"Bearer {api_key}"})

    whole = [ask(form).content for form in ("json", "csv")]
    monkeypatch.setattr("billing.api.margin._STREAMED", 2)
    sent = [ask(form) for form in ("json", "csv")]
    assert [answer.streaming for answer in sent] == [True, True]
    assert [b"".join(answer.streaming_content) for answer in sent] == whole
    assert len(json.loads(whole[0])["rows"]) == 3


def test_a_page_says_so_too(client):
    client.force_login(get_user_model().objects.create_superuser("boss"))
    asked = {"rows": "customer_reference", "from": "2026-10", "to": "2026-10"}
    page = client.get(reverse("pages:explorer"), asked)
    assert page.status_code == 400
    assert ADVICE in page.content.decode(), page.content.decode()[-3000:]


def test_the_command_gives_all_rows(capsys):
    call_command("margin", "--by=customer_reference", "--start=2026-10", "--end=2026-11",
                 "--format=csv")  # fmt: skip
    assert len(capsys.readouterr().out.splitlines()) == 4
