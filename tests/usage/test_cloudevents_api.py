"""CloudEvents on POST /api/v1/events: OpenMeter's and LiteLLM's shapes of `data`."""

import json

import pytest

from usage.models import UsageBatch, UsageEvent

pytestmark = pytest.mark.django_db
SINGLE, BATCH = "application/cloudevents+json", "application/cloudevents-batch+json"


def cloud_event(number=1, data=None, **fields):
    return {
        "specversion": "1.0",
        "id": f"e-{number}",
        "source": "svc",
        "type": "prompt",
        "subject": "customer-1",
        "time": "2026-11-01T00:00:00.001Z",
        "data": data or {"model": "gpt-4o", "provider": "openai", "type": "input", "tokens": 100},
    } | fields


@pytest.fixture
def send_cloud(post):
    return lambda body, kind=SINGLE: post("/api/v1/events", json.dumps(body), kind)


def test_single_event_of_one_token_type(send_cloud, ledger):
    assert send_cloud(cloud_event()).json()["stored"] == 1
    [line] = ledger()
    assert (line.input_tokens, line.output_tokens) == (100, 0)
    assert line.context.customer_reference == "customer-1"
    assert (line.context.sku.provider_code, line.context.sku.model) == ("openai", "gpt-4o")


def test_batch_with_numeric_texts(send_cloud, ledger):
    output = {"model": "gpt-4o", "type": "output", "tokens": "7"}
    assert send_cloud([cloud_event(1), cloud_event(2, output)], BATCH).json()["stored"] == 2
    assert sorted((line.input_tokens, line.output_tokens) for line in ledger()) == [
        (0, 7), (100, 0),
    ]  # fmt: skip


def test_callback_of_litellm(send_cloud, ledger):
    data = {"prompt_tokens": 12, "completion_tokens": 3, "total_tokens": 15, "model": "gpt-4o",
            "cost": 3.4499999999999996e-05, "feature": "search"}  # fmt: skip
    assert send_cloud(cloud_event(data=data)).json()["stored"] == 1
    [line] = ledger()
    assert (line.input_tokens, line.output_tokens) == (12, 3)
    assert str(line.stated_cost) == "0.000034500000000000"
    assert (line.context.sku.provider_code, line.context.feature_reference) == (
        "unknown", "search",
    )  # fmt: skip


def test_provider_of_events_that_name_none_is_a_setting(send_cloud, ledger, settings):
    settings.PROVIDER_NOT_SAID = "openai"
    send_cloud(cloud_event(data={"model": "gpt-4o", "type": "input", "tokens": 1}))
    assert ledger()[0].context.sku.provider_code == "openai"


def test_source_and_id_are_the_identity(send_cloud):
    for source in ("svc", "svc", "other", "svc e-1"):
        send_cloud(cloud_event(source=source))
    batches = UsageBatch.objects.order_by("pk").values_list("stored", "duplicate")
    assert list(batches) == [(1, 0), (0, 1), (1, 0), (1, 0)]


def test_native_event_of_the_same_id_is_another(send_cloud, send, event):
    send_cloud(cloud_event())
    assert send(event(id="e-1")).json()["stored"] == 1


BAD = [
    ({"time": None}, "timestamp_missing"),
    ({"specversion": "0.3"}, "missing_field"),
    ({"source": ""}, "missing_field"),
    ({"type": ""}, "missing_field"),
    ({"id": ""}, "id_missing"),
    ({"data": {"model": "m", "type": "input", "tokens": "1e3"}}, "not_integer"),
    ({"data": {"model": "m", "type": "input", "tokens": -1}}, "negative_tokens"),
    ({"data": {"model": "m", "type": "input", "tokens": 1.5}}, "wrong_type"),
    ({"data": {"model": "m", "type": "songs", "tokens": 1}}, "unknown_quantity"),
    ({"data": {"model": "m"}}, "no_usage"),
    ({"data": {"tokens": 1, "type": "input"}}, "model_missing"),
    ({"source": "s" * 201}, "too_long"),
]


@pytest.mark.parametrize(("fields", "code"), BAD)
def test_bad_event_is_rejected_by_itself(send_cloud, fields, code):
    answer = send_cloud([cloud_event(7), cloud_event(**fields)], BATCH)
    assert (answer.status_code, answer.json()["stored"]) == (200, 1)
    assert [entry["code"] for entry in answer.json()["results"]] == [code]
    assert UsageEvent.objects.count() == 1


def test_body_that_is_no_json(post):
    answer = post("/api/v1/events", b"[{", BATCH)
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed_json")
