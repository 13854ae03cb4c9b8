"""Any input whatever: never a 5xx, and what was received is what was counted."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.usage.spans import CALL, ENCODINGS, as_protobuf, attributes, request, span
from usage.models import UsageBatch, UsageEvent

pytestmark = pytest.mark.django_db
FUZZ = settings(
    max_examples=60, deadline=None, suppress_health_check=list(HealthCheck), database=None
)
texts = st.text(max_size=30) | st.sampled_from(
    ["\x00", "\\u0000", "x\x00", "1e400", "-0", "\ud800"]
)
scalars = st.none() | st.booleans() | st.integers() | st.floats() | texts
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)  # fmt: skip
EVENT = {
    "id": "e-1", "time": "2026-10-05T14:03:21Z", "provider": "openai", "model": "gpt-4o",
    "usage": {"input_tokens": 1}, "usage_format": None, "tags": {"a": "b"}, "cost": None,
    "customer": "acme", "lines": None,
}  # fmt: skip
events = st.builds(
    lambda changes: EVENT | changes,
    st.dictionaries(st.sampled_from([*EVENT, "prompt", "nobody"]), values, max_size=3),
)
FORMATS = ["openai.chat", "anthropic", "gemini", "litellm", "langfuse", "otel", "bedrock", "cohere"]
usages = st.builds(
    lambda name, usage: EVENT | {"usage_format": name, "usage": usage},
    st.sampled_from(FORMATS),
    st.dictionaries(
        st.sampled_from(["prompt_tokens", "input_tokens", "promptTokenCount", "input", "output",
                         "prompt_tokens_details", "cache_creation", "total_tokens", "billed_units",
                         "inputTokens"]),
        values, max_size=5,
    ),
)  # fmt: skip


def total(answer):
    body = answer.json()
    if answer.status_code == 422:
        return None
    return sum(body[name] for name in ("stored", "duplicate", "conflict", "rejected"))


@FUZZ
@given(st.lists(events | usages, max_size=5))
def test_events(send, found):
    answer = send(json.dumps(found))
    # NaN and Infinity are no JSON: then the whole body is refused.
    assert answer.status_code in {200, 400, 422}
    if answer.status_code == 200:
        assert total(answer) == len(found)


@FUZZ
@given(st.binary(max_size=300))
def test_any_bytes_at_any_door(post, body):
    for path, kind in (
        ("/api/v1/events", "application/json"),
        ("/api/v1/events", "application/cloudevents-batch+json"),
        ("/api/v1/integrations/litellm", "application/json"),
        ("/v1/traces", "application/json"),
        ("/v1/traces", "application/x-protobuf"),
    ):
        assert post(path, body, kind).status_code in {200, 400, 422}


@FUZZ
@given(st.lists(values, max_size=4))
def test_any_json_at_the_other_doors(post, found):
    body = json.dumps(found)
    for path, kind in (
        ("/api/v1/events", "application/cloudevents-batch+json"),
        ("/api/v1/integrations/litellm", "application/json"),
        ("/v1/traces", "application/json"),
    ):
        assert post(path, body, kind).status_code in {200, 400, 422}


any_value = st.one_of(
    st.text(max_size=20).map(lambda text: {"stringValue": text}),
    st.integers(-(2**63), 2**63 - 1).map(lambda number: {"intValue": str(number)}),
    st.floats(allow_nan=False, allow_infinity=False).map(lambda number: {"doubleValue": number}),
    st.booleans().map(lambda flag: {"boolValue": flag}),
    st.just({"arrayValue": {"values": []}}),
    st.just({}),
)
NAMES = [*CALL, "gen_ai.usage.cost", "customer.id", "metadata", "service.name", "http.route",
         "gen_ai.usage.cache_read.input_tokens", "openinference.span.kind"]  # fmt: skip
spans = st.builds(
    lambda number, parent, start, end, changes: span(
        number,
        CALL | changes,
        parentSpanId=f"{parent:016x}",
        startTimeUnixNano=str(start),
        endTimeUnixNano=str(end),
    ),
    st.integers(0, 4),
    st.integers(0, 4),
    st.sampled_from([0, 1, 1_790_000_000_000_000_000, 2**64 - 1]),
    st.integers(0, 2**64 - 1),
    st.dictionaries(st.sampled_from(NAMES), any_value, max_size=4),
)


@FUZZ
@given(st.lists(spans, max_size=6), st.sampled_from([*ENCODINGS]))
def test_spans(post, found, content_type):
    before = UsageBatch.objects.order_by("pk").last()
    answer = post("/v1/traces", ENCODINGS[content_type](request(*found)), content_type)
    assert answer.status_code in {200, 400}
    batch = UsageBatch.objects.order_by("pk").last()
    if batch != before:
        fates = batch.stored + batch.duplicate + batch.conflict + batch.rejected
        assert fates == batch.received == len(found) - sum(batch.ignored.values())
        assert UsageEvent.objects.filter(batch=batch).count() == batch.stored
    else:
        assert found == []


WHOLE = as_protobuf(request(span(), resource={"service.name": "api"}))


@FUZZ
@given(st.integers(0, len(WHOLE) - 1), st.integers(0, 255))
def test_flipped_bytes(post, place, byte):
    body = WHOLE[:place] + bytes([byte]) + WHOLE[place + 1 :]
    assert post("/v1/traces", body, "application/x-protobuf").status_code in {200, 400}


def test_attributes_are_spelled_for_the_wire():
    assert attributes({"a": 1}) == [{"key": "a", "value": {"intValue": "1"}}]
