import datetime as dt
import io
import threading

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from usage.keys import KeyNotCreatedError, KeyRefusedError, check_key, create_key, revoke_key
from usage.models import ApiKey, Source, UsageEvent

pytestmark = pytest.mark.django_db
WRITE = "events:write"
NOW = dt.datetime(2026, 11, 1, 12, tzinfo=dt.UTC)


def refusal(key, *, scope=WRITE, now=NOW):
    with pytest.raises(KeyRefusedError) as refused:
        check_key(f"Bearer {key}", scope=scope, now=now)
    return refused.value


def test_key_is_stored_as_a_digest_only(source):
    key = create_key(source=source, scopes=[WRITE])
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_jsonb(k)::text FROM usage_apikey k")
        assert key.rsplit("_", 1)[1] not in cursor.fetchone()[0]


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ("", "key_missing"),
        ("Basic dXNlcg==", "key_missing"),
        ("Bearer tko_short", "key_missing"),
        ("Bearer tko_aaaaaaaa_" + "b" * 32, "key_unknown"),
    ],
)
def test_requests_without_a_known_key_get_401_and_are_asked_for_one(send, event, header, code):
    answer = send(event(), Authorization=header)
    assert (answer.status_code, answer.json()["code"]) == (401, code)
    assert answer["WWW-Authenticate"] == "Bearer"


def test_right_prefix_with_another_secret_is_unknown_and_spends_nothing(source):
    key = create_key(source=source, scopes=[WRITE], rate_per_minute=1)
    assert refusal(key[:-1] + ("a" if key[-1] != "a" else "b")).code == "key_unknown"
    assert check_key(f"Bearer {key}", scope=WRITE, now=NOW).source == source


def test_key_lacking_the_scope_gets_403(send, event, source):
    key = create_key(source=source, scopes=["reports:read"])
    answer = send(event(), Authorization=f"Bearer {key}")
    assert (answer.status_code, answer.json()["code"]) == (403, "scope_missing")


def test_revoked_key_is_refused_by_the_next_request(send, event, api_key):
    assert send(event()).status_code == 200
    revoke_key(key=ApiKey.objects.get(), now=timezone.now())
    answer = send(event(id="e-2"))
    assert (answer.status_code, answer.json()["code"]) == (401, "key_ended")
    assert UsageEvent.objects.count() == 1


def test_key_ends_at_its_expiry_and_not_before(source):
    key = create_key(source=source, scopes=[WRITE], now=NOW, expires_at=NOW + dt.timedelta(days=1))
    later = NOW + dt.timedelta(days=1)
    check_key(f"Bearer {key}", scope=WRITE, now=later - dt.timedelta(seconds=1))
    assert refusal(key, now=later).code == "key_ended"


def test_third_live_key_of_a_source_and_scope_is_refused_until_one_is_revoked(source):
    create_key(source=source, scopes=[WRITE], now=NOW, name="first")
    create_key(source=source, scopes=[WRITE, "reports:read"], now=NOW)
    with pytest.raises(KeyNotCreatedError, match="tests has 2 live keys for events:write"):
        create_key(source=source, scopes=[WRITE], now=NOW)
    create_key(source=source, scopes=["reports:read"], now=NOW)
    create_key(source=Source.objects.create(name="other"), scopes=[WRITE], now=NOW)
    revoke_key(key=ApiKey.objects.get(name="first"), now=NOW)
    create_key(source=source, scopes=[WRITE], now=NOW)


def test_expired_keys_leave_room_for_new_ones(source):
    for _ in range(2):
        create_key(source=source, scopes=[WRITE], now=NOW, expires_at=NOW + dt.timedelta(days=1))
    create_key(source=source, scopes=[WRITE], now=NOW + dt.timedelta(days=2))


@pytest.mark.parametrize("scopes", [[], ["events:read"]])
def test_scopes_are_those_listed(source, scopes):
    with pytest.raises(KeyNotCreatedError, match="events:write, billing:write, reports:read"):
        create_key(source=source, scopes=scopes)


@pytest.mark.parametrize("field", ["digest", "prefix", "scopes", "source_id"])
def test_database_lets_nobody_change_what_a_key_is(source, api_key, field):
    values = {"digest": b"x", "prefix": "aaaaaaaa", "scopes": [], "source_id": 0}
    with pytest.raises(DatabaseError, match="Cannot update"), transaction.atomic():
        ApiKey.objects.update(**{field: values[field]})


def test_last_use_is_noted_at_most_once_a_minute(source, api_key):
    for seconds, noted in ((0, 0), (30, 0), (61, 61)):
        check_key(f"Bearer {api_key}", scope=WRITE, now=NOW + dt.timedelta(seconds=seconds))
        assert ApiKey.objects.get().last_used_at == NOW + dt.timedelta(seconds=noted)


def test_check_is_one_statement(source, api_key, django_assert_num_queries):
    check_key(f"Bearer {api_key}", scope=WRITE, now=NOW)
    with django_assert_num_queries(1):
        check_key(f"Bearer {api_key}", scope=WRITE, now=NOW)


def test_rate_allows_a_minutes_worth_at_once_and_then_one_by_one(source):
    key = create_key(source=source, scopes=[WRITE], now=NOW, rate_per_minute=6)
    for _ in range(6):
        check_key(f"Bearer {key}", scope=WRITE, now=NOW)
    refused = refusal(key)
    assert (refused.status, refused.code) == (429, "rate_limited")
    assert refused.headers == {"Retry-After": "10"}
    assert refusal(key, now=NOW + dt.timedelta(seconds=9)).headers == {"Retry-After": "1"}
    check_key(f"Bearer {key}", scope=WRITE, now=NOW + dt.timedelta(seconds=10))
    assert refusal(key, now=NOW + dt.timedelta(seconds=10)).status == 429


def test_rate_of_a_key_without_its_own_is_the_setting(source, api_key, settings):
    settings.API_KEY_RATE = 2
    for _ in range(2):
        check_key(f"Bearer {api_key}", scope=WRITE, now=NOW)
    assert refusal(api_key).status == 429
    settings.API_KEY_RATE = 0
    check_key(f"Bearer {api_key}", scope=WRITE, now=NOW)


def test_too_many_requests_are_told_when_to_come_back_and_store_nothing(send, event, source):
    key = create_key(source=source, scopes=[WRITE], rate_per_minute=1)
    assert send(event(), Authorization=f"Bearer {key}").status_code == 200
    answer = send(event(id="e-2"), Authorization=f"Bearer {key}")
    assert (answer.status_code, answer.json()["code"]) == (429, "rate_limited")
    assert 1 <= int(answer["Retry-After"]) <= 60
    assert UsageEvent.objects.count() == 1


def test_read_endpoints_refuse_alike(client, source):
    def ask(key):
        answer = client.get("/api/v1/sources", headers={"Authorization": f"Bearer {key}"})
        return answer.status_code, answer.json()["code"]

    assert ask("tko_x") == (401, "authentication_failed")
    assert ask(create_key(source=source, scopes=[WRITE])) == (403, "permission_denied")
    slow = create_key(source=source, scopes=["reports:read"], rate_per_minute=1)
    assert client.get("/api/v1/sources", headers={"Authorization": f"Bearer {slow}"}).json()
    assert ask(slow) == (429, "throttled")


@pytest.mark.django_db(transaction=True)
def test_rate_holds_across_workers(source):
    key = create_key(source=source, scopes=[WRITE], now=NOW, rate_per_minute=40)
    let_in = []

    def work():
        for _ in range(20):
            try:
                check_key(f"Bearer {key}", scope=WRITE, now=NOW)
            except KeyRefusedError:
                continue
            let_in.append(1)
        connection.close()

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(let_in) == 40


def test_key_in_the_query_string_is_refused_and_counted_on_it(client, api_key, event):
    for query in (f"?api_key={api_key}", f"?k={api_key.replace('_', '%5F')}"):
        answer = client.post(
            f"/api/v1/events{query}", event(), content_type="application/json",
            headers={"Authorization": f"Bearer {api_key}"},
        )  # fmt: skip
        assert (answer.status_code, answer.json()["code"]) == (401, "key_in_query")
        assert api_key not in answer.content.decode()
    assert not UsageEvent.objects.exists()
    assert ApiKey.objects.get().exposed == 2


def test_guess_in_the_query_string_is_refused_but_alerts_nobody(client, api_key):
    guess = api_key[:13] + "0" * 32
    assert client.get(f"/api/v1/sources?key={guess}").status_code == 401
    assert ApiKey.objects.get().exposed == 0


def test_command_creates_a_named_key_that_expires():
    out = io.StringIO()
    arguments = {"source": "app", "scope": [WRITE], "stdout": out}
    call_command("create_api_key", expires_in_days=30, name="staging", **arguments)
    key = ApiKey.objects.get()
    assert key.name == "staging"
    assert round((key.expires_at - key.created_at) / dt.timedelta(days=1)) == 30
    assert out.getvalue().splitlines()[-1].startswith(f"tko_{key.prefix}_")
    call_command("create_api_key", **arguments)
    with pytest.raises(CommandError, match="may have 2"):
        call_command("create_api_key", **arguments)
    with pytest.raises(CommandError, match="would have expired"):
        call_command("create_api_key", expires_in_days=0, **arguments)
