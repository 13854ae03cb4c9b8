"""A ledger that may forget what it committed takes no usage."""

import pytest
from django.db import connection

from tknops import durability
from usage.models import UsageEvent

pytestmark = pytest.mark.django_db


@pytest.fixture
def demanding(settings):
    settings.REQUIRE_DURABLE = True
    durability._trusted.clear()


def test_readiness_names_what_is_wrong(client):
    answer = client.get("/health/ready")
    assert answer.status_code == 503
    assert answer.json() == {
        "status": "not durable",
        "settings": ["fsync", "full_page_writes", "synchronous_commit"],
    }


def test_usage_is_refused_until_the_ledger_is_durable(demanding, send, event, monkeypatch):
    answer = send(event())
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert not UsageEvent.objects.exists()
    # This server runs without fsync, which no session can change: only what it can is looked at.
    monkeypatch.setattr(durability, "_FORGETFUL", {"synchronous_commit": "off"})
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit = on")
    assert send(event()).status_code == 200
