"""A canary in every place that may hold content is found nowhere: ledger, logs, answers."""

import gzip
import json
import logging

import pytest
import zstandard
from django.core.management import call_command
from django.db import connection

from tests.usage.spans import CALL, ENCODINGS, request, span
from tests.usage.test_cloudevents_api import cloud_event
from tests.usage.test_litellm_api import payload
from usage.models import Quarantined, UsageEvent

pytestmark = pytest.mark.django_db
CANARY = "canary-7f3a sings"
HEADERS = {"X-Note": CANARY, "User-Agent": CANARY, "Cookie": f"session={CANARY}", "Baggage": CANARY}
NATIVE = {
    "id": "e-1", "time": "2026-10-05T14:03:21Z", "provider": "openai", "model": "gpt-4o",
    "usage": {"input_tokens": 1},
}  # fmt: skip
CONTENT = {
    "prompt": CANARY,
    "messages": [{"role": "user", "content": CANARY}],
    "input": CANARY,
    "output": {"text": CANARY},
    "api_key": CANARY,
    "headers": {"authorization": CANARY},
    "note": CANARY,
}


@pytest.fixture
def found(caplog, db):
    """Return where the canary is: tables of the ledger, the logs."""
    caplog.set_level(logging.DEBUG)

    def look():
        places = ["logs"] if "canary" in caplog.text.lower() else []
        with connection.cursor() as cursor:
            for table in connection.introspection.table_names(cursor):
                cursor.execute(f'SELECT count(*) FROM "{table}" t WHERE t::text ILIKE %s',
                               ["%canary%"])  # fmt: skip
                if cursor.fetchone()[0]:
                    places.append(table)
        return places

    return look


def sent_natively():
    plain = NATIVE | CONTENT
    yield plain, "application/json"
    yield [plain | {"id": "list"}], "application/json"
    bad = {
        "usage text": {"usage": {"input_tokens": CANARY, "note": {"deep": [CANARY]}}},
        "usage list": {"usage": [CANARY]},
        "usage is text": {"usage": CANARY},
        "provider object": {"usage_format": "openai.chat", "usage": {"prompt": CANARY}},
        "time": {"time": CANARY},
        "cost": {"cost": {"amount": CANARY, "currency": CANARY}},
        "cost member": {"cost": {"amount": "1", "note": CANARY}},
        "tag object": {"tags": {"a": {"b": CANARY}}},
        "long customer": {"customer": CANARY * 100},
        "model object": {"model": {"text": CANARY}},
        "line": {"lines": [{"provider": "p", "model": "m", "usage": {}, "prompt": CANARY}]},
        "format": {"usage_format": CANARY},
        "unit": {"usage": {"units": 1, "unit": CANARY}},
    }
    for name, fields in bad.items():
        yield [NATIVE | CONTENT | {"id": name} | fields], "application/json"
    cloud = {"model": "m", "type": "input", "tokens": 1, "content": CANARY, **CONTENT}
    yield cloud_event(data=cloud | {"type": "x"}, extension=CANARY), "application/cloudevents+json"
    yield cloud_event(2, data=cloud), "application/cloudevents+json"


@pytest.mark.parametrize("encode", [bytes, gzip.compress, zstandard.compress])
def test_native_events_and_cloudevents(post, found, encode):
    encoding = {bytes: "identity", gzip.compress: "gzip", zstandard.compress: "zstd"}[encode]
    for body, kind in sent_natively():
        sent = encode(json.dumps(body).encode())
        answer = post("/api/v1/events", sent, kind, **HEADERS, **{"Content-Encoding": encoding})
        assert answer.status_code < 500
        assert "canary" not in answer.content.decode()
    assert UsageEvent.objects.count() == 3
    assert Quarantined.objects.count() > 10
    assert found() == []


BROKEN = [
    (f'[{{"id":"{CANARY}"'.encode(), "application/json", "identity"),
    (f'{{"id":"{CANARY}\xff"}}'.encode("latin-1"), "application/json", "identity"),
    (CANARY.encode(), "application/json", "identity"),
    (f'"{CANARY}"'.encode(), "application/json", "identity"),
    (CANARY.encode(), "application/x-protobuf", "identity"),
    (CANARY.encode(), "text/plain", "identity"),
    (CANARY.encode(), "application/json", "gzip"),
    (CANARY.encode(), "application/json", "zstd"),
    (gzip.compress(CANARY.encode())[:-3], "application/json", "gzip"),
    (CANARY.encode(), "application/json", CANARY),
]


@pytest.mark.parametrize("path", ["/api/v1/events", "/v1/traces", "/api/v1/integrations/litellm"])
def test_bodies_that_cannot_be_read(post, found, path):
    for body, kind, encoding in BROKEN:
        answer = post(path, body, kind, **HEADERS, **{"Content-Encoding": encoding})
        assert answer.status_code < 500
        assert b"canary" not in answer.content
    assert found() == []


def spans():
    content = {
        "gen_ai.input.messages": CANARY,
        "gen_ai.output.messages": {"arrayValue": {"values": [{"stringValue": CANARY}]}},
        "gen_ai.system_instructions": {
            "kvlistValue": {"values": [{"key": "a", "value": {"stringValue": CANARY}}]}
        },
        "gen_ai.prompt.0.content": CANARY,
        "input.value": CANARY,
        "llm.input_messages.0.message.content": CANARY,
        "traceloop.association.properties.note": CANARY,
        "metadata": json.dumps({"customer": "acme", "note": CANARY, "team": {"x": CANARY}}),
        "http.request.header.authorization": CANARY,
    }
    told = {
        "name": CANARY,
        "traceState": CANARY,
        "events": [{"name": CANARY, "attributes": [
            {"key": "gen_ai.completion", "value": {"stringValue": CANARY}}]}],
        "links": [{"attributes": [{"key": "x", "value": {"stringValue": CANARY}}]}],
        "status": {"code": 2, "message": CANARY},
    }  # fmt: skip
    yield span(1, CALL | content, **told)
    yield span(2, content, **told)
    wrong = {"gen_ai.usage.input_tokens": CANARY}
    yield span(3, CALL | content | wrong, **told)
    yield span(4, CALL | content | {"gen_ai.usage.cost": CANARY}, **told)
    yield span(5, CALL | content | {"customer.id": CANARY * 100}, **told)


@pytest.mark.parametrize("content_type", ENCODINGS)
def test_traces(post, found, content_type):
    resource = {"service.name": "api", "process.command_args": CANARY, "host.name": CANARY}
    body = ENCODINGS[content_type](request(*spans(), resource=resource))
    answer = post("/v1/traces", gzip.compress(body), content_type, **HEADERS,
                  **{"Content-Encoding": "gzip"})  # fmt: skip
    assert (answer.status_code, b"canary" in answer.content) == (200, False)
    assert (UsageEvent.objects.count(), Quarantined.objects.count()) == (1, 3)
    assert found() == []


def test_log_of_litellm(post, found):
    told = {"messages": CANARY, "response": {"a": CANARY}, "error_str": CANARY,
            "request_tags": [f"note:{CANARY}", CANARY], "api_base": CANARY,
            "model_parameters": {"x": CANARY}}  # fmt: skip
    metadata = payload()["metadata"] | {"note": CANARY, "requester_ip_address": CANARY}
    bodies = [
        payload(**told, metadata=metadata),
        payload(**told, id="b", startTime=CANARY),
        payload(**told, id="c", prompt_tokens=CANARY),
    ]
    answer = post("/api/v1/integrations/litellm", json.dumps(bodies), "application/json")
    assert (answer.status_code, b"canary" in answer.content) == (200, False)
    assert (UsageEvent.objects.count(), Quarantined.objects.count()) == (1, 2)
    assert found() == []


@pytest.mark.parametrize(
    "file_format", ["native", "litellm", "portkey", "langfuse", "helicone", "otlp", "openai-batch"]
)
def test_files(found, tmp_path, capsys, file_format):
    path = tmp_path / "usage.jsonl"
    told = CONTENT | {"request": {"a": CANARY}, "response": CANARY, "metadata": {"note": CANARY}}
    lines = [json.dumps(told | {"id": CANARY[:0] or "x"}), f'{{"{CANARY}', json.dumps(CANARY)]
    path.write_text("\n".join(lines))
    call_command("load_usage", str(path), format=file_format)
    assert "canary" not in "".join(capsys.readouterr()).lower()
    assert found() == []


def test_the_search_finds_what_is_there(post, found):
    post("/api/v1/events", json.dumps(NATIVE | {"feature": CANARY}), "application/json")
    assert found() == ["usage_context"]
