"""POST /v1/traces: dialects, each rule of the answer, rows 85 to 101 of the bad-input catalogue."""

import base64
import gzip
import json

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse

from tests.usage.spans import CALL, ENCODINGS, START, as_json, as_protobuf, request, span
from usage.api import door
from usage.models import Quarantined, UsageBatch, UsageEvent

pytestmark = pytest.mark.django_db
JSON, PROTOBUF = "application/json", "application/x-protobuf"


@pytest.fixture
def export(post):
    def send(body, content_type=JSON, **headers):
        sent = body if isinstance(body, bytes) else ENCODINGS[content_type](body)
        return post("/v1/traces", sent, content_type, **headers)

    return send


DIALECTS = {
    "otel 1.41": {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "azure.ai.openai",
        "gen_ai.request.model": "gpt-4o",
        "gen_ai.response.model": "gpt-4o-2024-08-06",
        "gen_ai.usage.input_tokens": 1200,
        "gen_ai.usage.output_tokens": 300,
        "gen_ai.usage.cache_read.input_tokens": 1024,
        "gen_ai.usage.cache_creation.input_tokens": 100,
        "gen_ai.usage.reasoning.output_tokens": 128,
        "openai.response.service_tier": "flex",
        "customer.id": "acme",
        "enduser.id": "u-17",
        "feature": "summarise",
        "team.id": "support",
        "gen_ai.usage.cost": 0.0123,
    },
    "otel 1.26": {
        "gen_ai.system": "az.ai.openai",
        "gen_ai.request.model": "gpt-4o",
        "gen_ai.response.model": "gpt-4o-2024-08-06",
        "gen_ai.usage.prompt_tokens": 1200,
        "gen_ai.usage.completion_tokens": 300,
        "gen_ai.usage.cache_read_tokens": 1024,
        "gen_ai.usage.cache_write_tokens": 100,
        "gen_ai.usage.reasoning_tokens": 128,
        "gen_ai.openai.response.service_tier": "flex",
        "gen_ai.operation.name": "chat",
        "tknops.customer": "acme",
        "tknops.user": "u-17",
        "tknops.feature": "summarise",
        "tknops.team": "support",
        "gen_ai.usage.total_cost": "0.0123",
    },
    "openinference": {
        "openinference.span.kind": "LLM",
        "llm.provider": "azure",
        "llm.model_name": "gpt-4o-2024-08-06",
        "llm.token_count.prompt": 1200,
        "llm.token_count.completion": 300,
        "llm.token_count.total": 1500,
        "llm.token_count.prompt_details.cache_read": 1024,
        "llm.token_count.prompt_details.cache_write": 100,
        "llm.token_count.completion_details.reasoning": 128,
        "user.id": "u-17",
        "metadata": '{"customer": "acme", "feature": "summarise", "team": "support", "x": {}}',
        "openai.response.service_tier": "flex",
        "llm.cost.total": 0.0123,
        "input.value": "a secret question",
        "llm.input_messages.0.message.content": "a secret question",
    },
    "openllmetry": {
        "llm.request.type": "chat",
        "gen_ai.system": "Azure",
        "gen_ai.response.model": "gpt-4o-2024-08-06",
        "gen_ai.usage.input_tokens": 1200,
        "gen_ai.usage.output_tokens": 300,
        "llm.usage.total_tokens": 1500,
        "gen_ai.usage.cache_read_input_tokens": 1024,
        "gen_ai.usage.cache_creation_input_tokens": 100,
        "gen_ai.usage.reasoning_tokens": 128,
        "traceloop.association.properties.customer_id": "acme",
        "traceloop.association.properties.user_id": "u-17",
        "traceloop.association.properties.team": "support",
        "traceloop.workflow.name": "summarise",
        "gen_ai.openai.response.service_tier": "flex",
        "gen_ai.usage.cost": 0.0123,
        "gen_ai.prompt.0.content": "a secret question",
    },
}


@pytest.mark.parametrize("content_type", ENCODINGS)
@pytest.mark.parametrize("dialect", DIALECTS)
def test_dialect_gives_the_same_event(export, ledger, dialect, content_type):
    resource = {"service.name": "api", "deployment.environment.name": "production"}
    answer = export(request(span(values=DIALECTS[dialect]), resource=resource), content_type)
    assert (answer.status_code, answer["Content-Type"]) == (200, content_type)
    assert answer.content == (b"{}" if content_type == JSON else b"")
    [line] = ledger()
    context, sku = line.context, line.context.sku
    assert (sku.provider_code, sku.model, sku.service_tier) == (
        "azure", "gpt-4o-2024-08-06", "flex",
    )  # fmt: skip
    assert (line.input_tokens, line.cache_read_tokens, line.cache_write_tokens) == (76, 1024, 100)
    assert (line.output_tokens, line.reasoning_tokens, line.flags) == (300, 128, 0)
    assert (context.customer_reference, context.user_reference.reference) == ("acme", "u-17")
    assert (context.feature_reference, context.team_reference) == ("summarise", "support")
    assert (context.environment, context.operation, context.outcome) == ("production", "chat", "ok")
    assert context.tags == {"service.name": "api"}
    assert (f"{line.stated_cost:f}", line.stated_currency) == ("0.012300000000000000", "USD")
    assert line.occurred_at.isoformat() == "2026-09-21T14:13:20+00:00"


def test_span_is_known_by_trace_span_and_start(export, ledger):
    export(request(span(1), span(2)))
    assert [line.key.bytes[:6] for line in ledger()] == [(START // 10**6).to_bytes(6)] * 2
    assert UsageBatch.objects.get().stored == 2


def test_both_encodings_of_a_span_are_the_same_span(export):
    export(request(span()), JSON)
    export(request(span()), PROTOBUF)
    batches = UsageBatch.objects.order_by("pk").values_list("stored", "duplicate")
    assert list(batches) == [(1, 0), (0, 1)]


def test_configured_attributes_become_tags_and_no_others(export, ledger, settings):
    settings.OTLP_TAG_ATTRIBUTES = ["release", "Region"]
    values = {**CALL, "release": "v41", "Region": "eu", "secret.note": "canary"}
    export(request(span(values=values)))
    assert ledger()[0].context.tags == {"service.name": "api", "release": "v41", "region": "eu"}


def test_configured_names_replace_the_defaults(export, ledger, settings):
    settings.ATTRIBUTE_NAMES = {**settings.ATTRIBUTE_NAMES, "customer": ["account"]}
    export(request(span(values={**CALL, "account": "acme", "customer.id": "other"})))
    assert ledger()[0].context.customer_reference == "acme"


def test_cached_part_beside_the_input_is_kept_and_flagged(export, ledger):
    values = CALL | {"gen_ai.usage.input_tokens": 5, "gen_ai.usage.cache_read.input_tokens": 900}
    export(request(span(values=values)))
    [line] = ledger()
    assert (line.input_tokens, line.cache_read_tokens, line.flags) == (5, 900, 2)


def test_failed_call_is_stored_with_its_outcome(export, ledger):
    values = {"gen_ai.operation.name": "chat", "gen_ai.system": "openai", "llm.model_name": "m"}
    export(request(span(values=values, status={"code": 2, "message": "canary"})))
    [line] = ledger()
    assert (line.context.outcome, line.input_tokens) == ("error", 0)


@pytest.mark.parametrize("content_type", ENCODINGS)
def test_calls_below_agents_and_frameworks_count_once(export, ledger, content_type):
    agent = {**CALL, "gen_ai.operation.name": "invoke_agent", "gen_ai.usage.input_tokens": 300}
    body = request(
        span(1, agent),
        span(2, {"http.route": "/x"}, parentSpanId=f"{1:016x}"),
        span(3, parentSpanId=f"{2:016x}"),
        span(4, {**CALL, "gen_ai.usage.input_tokens": 7}, parentSpanId=f"{5:016x}"),
        span(5, {"http.route": "/y"}, parentSpanId=f"{3:016x}"),
    )
    export(body, content_type)
    assert [line.input_tokens for line in ledger()] == [7]
    assert UsageBatch.objects.get().ignored == {
        "not_inference": 1, "not_generative": 2, "ignored_parent": 1,
    }  # fmt: skip


def test_loop_of_parents_ends(export):
    one, two = f"{1:016x}", f"{2:016x}"
    answer = export(request(span(1, parentSpanId=two), span(2, parentSpanId=one)))
    assert answer.status_code == 200
    assert UsageBatch.objects.get().ignored == {"ignored_parent": 2}


def partial(answer):
    """Return (rejected spans, message) in either encoding."""
    if answer["Content-Type"] == JSON:
        found = answer.json().get("partialSuccess", {})
        return int(found.get("rejectedSpans", 0)), found.get("errorMessage", "")
    found = ExportTraceServiceResponse.FromString(answer.content).partial_success
    return found.rejected_spans, found.error_message


@pytest.mark.parametrize("content_type", ENCODINGS)
def test_one_bad_span_is_a_partial_success(export, content_type):
    bad = span(2, {**CALL, "gen_ai.usage.input_tokens": -1})
    answer = export(request(span(1), bad), content_type)
    assert answer.status_code == 200
    batch = UsageBatch.objects.get()
    assert partial(answer) == (1, f"1 rejected: negative_tokens (batch {batch.pk})")
    assert (batch.stored, batch.rejected) == (1, 1)


@pytest.mark.parametrize("content_type", ENCODINGS)
def test_every_span_bad_is_a_bad_request(export, content_type):
    answer = export(request(span(values=CALL | {"gen_ai.usage.input_tokens": -1})), content_type)
    assert (answer.status_code, answer["Content-Type"]) == (400, content_type)
    assert b"negative_tokens" in answer.content


@pytest.mark.parametrize("content_type", ENCODINGS)
def test_changed_span_is_a_conflict_that_is_told(export, content_type):
    export(request(span()), content_type)
    grown = request(span(values={**CALL, "gen_ai.usage.output_tokens": 99}))
    rejected, message = partial(export(grown, content_type))
    assert rejected == 0
    assert message.startswith("1 in conflict with the same span sent before")
    assert UsageEvent.objects.get().output_tokens == 10


def test_refusals_are_statuses_in_the_type_of_the_request(client):
    answer = client.post("/v1/traces", b"{}", content_type=JSON)
    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Bearer")
    assert answer.json()["code"] == 16
    answer = client.post("/v1/traces", as_protobuf(request()), content_type=PROTOBUF)
    assert (answer.status_code, answer["Content-Type"]) == (401, PROTOBUF)
    assert answer.content.startswith(b"\x08\x10\x12")


def _without(name):
    return {key: value for key, value in span().items() if key != name}


BASE64 = base64.b64encode(bytes(range(16))).decode()
SNAKE = json.dumps(request(span())).replace("intValue", "int_value")
# row: (body, content type, status, stored, rejected, ignored)
CATALOGUE = {
    "85 garbage": (b"\xff\xff\xff", PROTOBUF, 400, 0, 0, 0),
    "85 truncated": (as_protobuf(request(span()))[:-3], PROTOBUF, 400, 0, 0, 0),
    "85 truncated JSON": (b'{"resourceSpans":[', JSON, 400, 0, 0, 0),
    "86 upper-case hex": (request(span(traceId="5B8EFFF798038103D269B633813FC60C")), JSON, 200,
                          1, 0, 0),
    "86 base64": (request(span(traceId=BASE64)), JSON, 400, 0, 1, 0),
    "87 int64 as number": (json.dumps(request(span())).replace('"100"', "100").encode(), JSON, 200,
                           1, 0, 0),
    "88 enum as name": (request(span(kind="SPAN_KIND_CLIENT")), JSON, 400, 0, 1, 0),
    "88 enum as name beside a good span": (request(span(1), span(2, kind="CLIENT")), JSON, 200,
                                           1, 1, 0),
    "89 unknown fields": (request(span(future={"a": [1]})) | {"more": 1}, JSON, 200, 1, 0, 0),
    "90 snake_case values": (SNAKE.encode(), JSON, 200, 0, 0, 1),
    "91 zero trace id": (request(span(traceId="0" * 32)), PROTOBUF, 400, 0, 1, 0),
    "91 zero span id": (request(span(0)), JSON, 400, 0, 1, 0),
    "91 no span id": (request(_without("spanId")), JSON, 400, 0, 1, 0),
    "92 same span twice": (request(span(), span()), JSON, 200, 1, 0, 0),
    "93 no gen_ai": (request(span(values={"http.route": "/"})), PROTOBUF, 200, 0, 0, 1),
    "94 old names": (request(span(values={"gen_ai.system": "openai", "gen_ai.request.model": "m",
                                          "gen_ai.usage.prompt_tokens": 3})), JSON, 200, 1, 0, 0),
    "96 end before start": (request(span(endTimeUnixNano="1")), PROTOBUF, 200, 1, 0, 0),
    "96 end 0": (request(span(endTimeUnixNano=0)), JSON, 200, 1, 0, 0),
    "97 parent and child": (request(span(1), span(2, parentSpanId=f"{1:016x}")), JSON, 200,
                            1, 0, 1),
    "98 grown": (request(span(), span(values={**CALL, "gen_ai.usage.output_tokens": 99})), JSON,
                 200, 1, 0, 0),
    "99 gzip bomb": (gzip.compress(bytes(64 * 1024 * 1024 + 1), 1), PROTOBUF, 413, 0, 0, 0),
    "100 gRPC": (b"", "application/grpc", 415, 0, 0, 0),
    "no start": (request(_without("startTimeUnixNano")), JSON, 400, 0, 1, 0),
    "far future": (request(span(startTimeUnixNano=str(2**63))), JSON, 400, 0, 1, 0),
    "empty protobuf": (b"", PROTOBUF, 200, 0, 0, 0),
    "empty JSON": (b"{}", JSON, 200, 0, 0, 0),
    "no body": (b"", JSON, 200, 0, 0, 0),
    "nested deeply": (b'{"resourceSpans":' + b"[" * 100_000, JSON, 400, 0, 0, 0),
    "another type": (b'{"resourceSpans":7}', JSON, 400, 0, 0, 0),
    "tokens as text": (request(span(values=CALL | {"gen_ai.usage.input_tokens": "100"})), JSON,
                       400, 0, 1, 0),
    "tokens as whole double": (request(span(values=CALL | {"gen_ai.usage.input_tokens": 100.0})),
                               PROTOBUF, 200, 1, 0, 0),
    "long customer": (request(span(values=CALL | {"customer.id": "x" * 201})), JSON, 400, 0, 1, 0),
    "no model": (request(span(values={"gen_ai.usage.input_tokens": 1})), JSON, 400, 0, 1, 0),
    "NUL": (request(span(values=CALL | {"customer.id": "a\x00"})), PROTOBUF, 400, 0, 1, 0),
}  # fmt: skip


@pytest.mark.parametrize("row", CATALOGUE)
def test_catalogue(export, row):
    body, content_type, status, stored, rejected, ignored = CATALOGUE[row]
    encoding = {"Content-Encoding": "gzip"} if row == "99 gzip bomb" else {}
    answer = export(body, content_type, **encoding)
    assert answer.status_code == status
    batch = UsageBatch.objects.first()
    found = (batch.stored, batch.rejected, sum(batch.ignored.values())) if batch else (0, 0, 0)
    assert found == (stored, rejected, ignored)
    assert (UsageEvent.objects.count(), Quarantined.objects.count()) == (stored, rejected)


@pytest.mark.parametrize("fields", [{"endTimeUnixNano": "1"}, {"endTimeUnixNano": 0}])
def test_end_before_start_is_flagged(export, ledger, fields):
    export(request(span(**fields)))
    [line] = ledger()
    assert (line.flags, line.occurred_at.isoformat()) == (16, "2026-09-21T14:13:20+00:00")


@pytest.mark.parametrize("path", ["/v1/metrics", "/v1/logs"])
def test_metrics_and_logs_are_not_here(client, path):
    answer = client.post(path, as_json({}), content_type=JSON)
    assert (answer.status_code, answer.json()["code"]) == (404, 5)


def test_gzip_is_accepted(export):
    body = gzip.compress(as_protobuf(request(span())))
    assert export(body, PROTOBUF, **{"Content-Encoding": "gzip"}).status_code == 200
    assert UsageEvent.objects.count() == 1


def test_unforeseen_error_is_a_503_and_logs_no_content(export, monkeypatch, caplog):
    def broken(*_args, **_kwargs):
        message = "the canary sings"
        raise RuntimeError(message)

    monkeypatch.setattr(door, "take", broken)
    answer = export(request(span()))
    assert (answer.status_code, answer["Retry-After"]) == (503, "30")
    assert answer.json()["code"] == 14
    assert "RuntimeError" in caplog.text
    assert "canary" not in caplog.text + answer.content.decode()
