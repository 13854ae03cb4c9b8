"""The JSON part of the bad-input catalogue: each row with its status, code and stored count."""

import json

import pytest

from usage.models import UsageEvent

pytestmark = pytest.mark.django_db

BODIES = [
    (b"", 400, "empty_body"),
    (b"{}", 422, "events_missing"),
    (b"null", 422, "events_missing"),
    (b"7", 422, "events_missing"),
    (b'[{"id":"a"', 400, "malformed_json"),
    (b"{}{}", 400, "malformed_json"),
    ("[]".encode("utf-16"), 400, "encoding"),
    (b'[{"id":"\xff"}]', 400, "encoding"),
    (b"[" * 5000, 400, "too_deep"),
    (b"[" * 100_000, 400, "too_deep"),
    (b'[{"id":NaN}]', 400, "malformed_json"),
    (b"[" + b",".join([b"{}"] * 5001) + b"]", 413, "too_many_events"),
]


@pytest.mark.parametrize(("body", "status", "code"), BODIES)
def test_body(send, body, status, code):
    answer = send(body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_empty_list_is_fine(send):
    assert send("[]").json() == {
        "stored": 0, "duplicate": 0, "conflict": 0, "rejected": 0, "results": [],
    }  # fmt: skip


def test_byte_order_mark_is_stripped(send, event):
    assert send(b"\xef\xbb\xbf" + json.dumps([event()]).encode()).json()["stored"] == 1


EVENTS = [
    ({"id": "a\x00b"}, "control_character"),
    ({"tags": {"a": "x\x00"}}, "control_character"),
    ({"usage": {"input_tokens": -1}}, "negative_tokens"),
    ({"usage": {"input_tokens": 1.5}}, "not_integer"),
    ({"usage": {"input_tokens": 1.0}}, "not_integer"),
    ({"usage": {"input_tokens": True}}, "not_integer"),
    ({"usage": {"input_tokens": "12"}}, "not_integer"),
    ({"usage": {"input_tokens": 2**63}}, "out_of_range"),
    ({"usage": {"input_tokens": 10**30}}, "out_of_range"),
    ({"usage": {"prompt_tokens": 3}}, "unknown_quantity"),
    ({"usage": None}, "no_usage"),
    ({"usage": {"units": 1, "unit": "1k tokens"}}, "unknown_unit"),
    ({"usage": {}, "usage_format": "nobody"}, "unknown_usage_format"),
    ({"cost": {"amount": "1,50"}}, "not_decimal"),
    ({"cost": {"amount": "$1.50"}}, "not_decimal"),
    ({"cost": {"amount": "0." + "1" * 19}}, "too_many_decimals"),
    ({"cost": {"amount": "1", "currency": "XXX"}}, "unknown_currency"),
    ({"time": None}, "timestamp_missing"),
    ({"time": "2026-10-05T14:03:21"}, "timestamp_no_offset"),
    ({"time": "2026-10-05"}, "timestamp_format"),
    ({"time": 1790000000}, "timestamp_format"),
    ({"time": "2026-10-05T24:00:00Z"}, "timestamp_format"),
    ({"time": "0001-01-01T00:00:00+14:00"}, "timestamp_format"),
    ({"time": "2026-10-05T14:03:21+25:00"}, "timestamp_format"),
    ({"time": "2099-01-01T00:00:00Z"}, "timestamp_in_future"),
    ({"time": "1970-01-01T00:00:00Z"}, "timestamp_too_old"),
    ({"id": ""}, "id_missing"),
    ({"id": " "}, "id_missing"),
    ({"id": None}, "id_missing"),
    ({"id": "x" * 10_000}, "id_too_long"),
    ({"id": "x "}, "id_whitespace"),
    ({"tags": {f"k{n}": "v" for n in range(33)}}, "tag_limit"),
    ({"tags": {"k" * 65: "v"}}, "tag_limit"),
    ({"tags": {"k": "v" * 257}}, "tag_limit"),
    ({"tags": {"K": "v"}}, "tag_key"),
    ({"tags": {"k": 1}}, "tag_value"),
    ({"model": ""}, "model_missing"),
    ({"provider": ""}, "provider_missing"),
]


@pytest.mark.parametrize(("fields", "code"), EVENTS)
def test_event_is_rejected_by_itself(send, event, fields, code):
    answer = send([event(id="good"), event(**fields)])
    assert answer.status_code == 200
    assert answer.json()["stored"] == 1
    assert [entry["code"] for entry in answer.json()["results"]] == [code]
    assert UsageEvent.objects.count() == 1


def test_lone_surrogate_is_that_events_rejection(send, event):
    body = json.dumps([event(id="good"), event(tags={"a": "X"})]).replace('"X"', '"\\ud800"')
    answer = send(body)
    assert answer.json()["stored"] == 1
    assert answer.json()["results"][0]["code"] == "control_character"


def test_suspicious_and_contradictory_quantities_are_stored_and_flagged(send, event):
    send([
        event(id="a", usage={"input_tokens": 2 * 10**9}),
        event(id="b", usage={"output_tokens": 1, "reasoning_tokens": 5}),
        event(id="c", usage={"input_tokens": 1, "total_tokens": 9}),
    ])  # fmt: skip
    flags = UsageEvent.objects.order_by("input_tokens").values_list("flags", flat=True)
    assert sorted(flags) == [1, 2, 8]


def test_leap_second_and_nanoseconds(send, event):
    send([
        event(id="leap", time="2026-06-30T23:59:60Z"),
        event(id="nano", time="2026-06-30T12:00:00.123456789Z"),
    ])  # fmt: skip
    found = dict(UsageEvent.objects.values_list("time_text", "occurred_at"))
    assert found[None].isoformat() == "2026-06-30T23:59:59.999999+00:00"
    assert found["2026-06-30T12:00:00.123456789Z"].microsecond == 123456


def test_failed_call_without_usage_is_stored(send, event):
    assert send(event(usage=None, outcome="error")).json()["stored"] == 1


@pytest.mark.parametrize("method", ["get", "put", "delete", "head"])
def test_other_methods(client, method):
    answer = getattr(client, method)("/api/v1/events")
    assert (answer.status_code, answer["Allow"]) == (405, "POST")
