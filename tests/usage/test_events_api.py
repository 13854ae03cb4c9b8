import gzip
import json

import pytest

from usage.models import UsageBatch, UsageEvent

pytestmark = pytest.mark.django_db


def counts(answer):
    body = answer.json()
    return tuple(body[name] for name in ("stored", "duplicate", "conflict", "rejected"))


def test_event_is_stored_once_and_a_resend_is_a_duplicate(send, event):
    assert counts(send(event())) == (1, 0, 0, 0)
    assert counts(send([event()])) == (0, 1, 0, 0)
    stored = UsageEvent.objects.get()
    assert (stored.input_tokens, stored.cache_read_tokens, stored.output_tokens) == (
        1200,
        1024,
        300,
    )


def test_other_content_under_the_same_id_is_a_conflict_and_the_first_wins(send, event):
    send(event())
    answer = send({"events": [event(usage={"input_tokens": 1})]})
    assert counts(answer) == (0, 0, 1, 0)
    assert UsageEvent.objects.get().input_tokens == 1200


def test_same_instant_in_another_offset_is_the_same_content(send, event):
    send(event())
    assert counts(send(event(time="2026-10-05T16:03:21.123456+02:00"))) == (0, 1, 0, 0)


def test_one_bad_event_of_three_is_named_and_the_rest_stored(send, event):
    answer = send([event(id="a"), event(id="b", usage={"input_tokens": -1}), event(id="c")])
    assert answer.status_code == 200
    assert counts(answer) == (2, 0, 0, 1)
    [entry] = answer.json()["results"]
    assert (entry["index"], entry["code"]) == (1, "negative_tokens")
    assert entry["pointer"] == "/events/1/usage/input_tokens"


def test_every_event_rejected_is_a_problem(send, event):
    answer = send([event(usage={"input_tokens": True})])
    assert answer.status_code == 422
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["errors"][0]["code"] == "not_integer"


def test_within_one_request_the_first_of_an_id_wins(send, event):
    answer = send([event(), event(), event(usage={"input_tokens": 7})])
    assert counts(answer) == (1, 1, 1, 0)


def test_new_and_resent_events_in_one_request(send, event):
    send([event(id="a"), event(id="b")])
    answer = send([event(id="b"), event(id="c"), event(id="a", model="other")])
    assert counts(answer) == (1, 1, 1, 0)
    assert UsageEvent.objects.count() == 3


def test_same_id_from_another_source_is_another_event(send, event, client):
    from usage.keys import create_key
    from usage.models import Source

    send(event())
    key = create_key(source=Source.objects.create(name="two"), scopes=["events:write"])
    assert counts(send(event(), Authorization=f"Bearer {key}")) == (1, 0, 0, 0)


def test_event_of_several_lines_is_stored_whole_or_not_at_all(send, event):
    lines = [
        {"provider": "openai", "model": "gpt-4o", "usage": {"input_tokens": 5}},
        {"provider": "openai", "model": "search", "usage": {"units": 2, "unit": "search"}},
    ]
    base = {key: event()[key] for key in ("id", "time", "customer")}
    assert counts(send({**base, "lines": lines})) == (1, 0, 0, 0)
    assert list(UsageEvent.objects.order_by("line").values_list("input_tokens", "units")) == [
        (5, 0),
        (0, 2_000_000),
    ]
    assert counts(send({**base, "lines": [*lines, lines[0]]})) == (0, 0, 1, 0)
    assert UsageEvent.objects.count() == 2


def test_gzip_and_batch_ledger(send, event):
    body = gzip.compress(json.dumps([event(id=str(n)) for n in range(50)]).encode())
    assert counts(send(body, **{"Content-Encoding": "gzip"})) == (50, 0, 0, 0)
    batch = UsageBatch.objects.get()
    assert (batch.received, batch.stored) == (50, 50)


def test_provider_stated_cost_is_kept_to_the_last_digit(send, event):
    send(event(cost={"amount": "0.012300000000000001", "currency": "usd"}))
    stored = UsageEvent.objects.get()
    assert str(stored.stated_cost) == "0.012300000000000001"
    assert stored.stated_currency == "USD"


def test_raw_provider_usage_is_made_disjoint(send, event):
    usage = {
        "prompt_tokens": 1200,
        "completion_tokens": 300,
        "prompt_tokens_details": {"cached_tokens": 1024},
        "completion_tokens_details": {"reasoning_tokens": 128},
    }
    send(event(usage_format="openai.chat", usage=usage))
    stored = UsageEvent.objects.get()
    assert (stored.input_tokens, stored.cache_read_tokens) == (176, 1024)
    assert (stored.output_tokens, stored.reasoning_tokens) == (300, 128)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Authorization": ""}, 401),
        ({"Authorization": "Bearer tko_aaaaaaaa_" + "b" * 32}, 401),
        ({"Content-Encoding": "br"}, 415),
    ],
)
def test_refused_requests_are_problems(send, event, headers, status):
    answer = send(event(), **headers)
    assert answer.status_code == status
    assert answer["Content-Type"] == "application/problem+json"
    assert UsageEvent.objects.count() == 0


def test_content_fields_are_discarded_unread(send, event):
    answer = send(event(prompt="the canary sings"))
    assert counts(answer) == (1, 0, 0, 0)
    assert "canary" not in answer.content.decode()
    assert {warning["code"] for warning in answer.json()["warnings"]} == {
        "unknown_field",
        "content_discarded",
    }
