"""The OpenAPI document, tried in process: what it promises is what is answered, never a 5xx."""

import ast
import json
from pathlib import Path

import pytest
import schemathesis
from django.conf import settings as django_settings
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiJsonRenderer
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.usage.spans import as_protobuf, request, span
from usage.api.openapi.answers import REQUEST_CODES
from usage.ingest.errors import CODES

pytestmark = pytest.mark.django_db
DOORS = ["/api/v1/events", "/api/v1/integrations/litellm", "/v1/traces"]
PROMISED = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
FEW = settings(
    max_examples=30, deadline=None, database=None, suppress_health_check=list(HealthCheck)
)


def with_key(key, **headers):
    return {"Authorization": f"Bearer {key}", **headers}


def described():
    """Read the document as it is served; making it asks no database."""
    made = SchemaGenerator().get_schema(request=None, public=True)
    schema = schemathesis.openapi.from_dict(json.loads(OpenApiJsonRenderer().render(made)))
    schema.app = WSGIHandler()
    schema.config.base_url = "http://testserver"
    schema.config.phases.coverage.enabled = False
    return schema


# Any bytes, and requests as an exporter sends them.
schemathesis.openapi.media_type(
    "application/x-protobuf",
    st.binary(max_size=200)
    | st.lists(st.integers(1, 9), max_size=3).map(
        lambda numbers: as_protobuf(request(*(span(number) for number in numbers)))
    ),
)
api = described()


@pytest.fixture(autouse=True)
def _connection_stays():
    """Keep the test's transaction over requests, as Django's own test client does."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def document(client, api_key):
    answer = client.get("/api/schema", headers=with_key(api_key, Accept="application/json"))
    return json.loads(answer.content)


@api.parametrize()
@FEW
def test_answers_are_as_described(case, api_key):
    answer = case.call_and_validate(headers=with_key(api_key), checks=PROMISED)
    if answer.status_code >= 400 and case.path != "/v1/traces":
        assert answer.headers["content-type"] == ["application/problem+json"]


@pytest.mark.parametrize("kind", ["application/json", "application/x-protobuf", "text/plain"])
@pytest.mark.parametrize("path", DOORS)
def test_refusals_are_as_described(path, kind, api_key):
    case = api[path]["POST"].Case(body=[], media_type="application/json")
    for headers, status in (
        ({"Authorization": "Bearer tko_none"}, 401),
        (with_key(api_key, **{"Content-Encoding": "br"}), 415),
    ):
        answer = case.call_and_validate(headers={"Content-Type": kind, **headers}, checks=PROMISED)
        assert answer.status_code == status


def test_every_door_is_described(document):
    for path in DOORS:
        door = document["paths"][path]["post"]
        assert door["requestBody"]["required"] is True
        [[scheme]] = door["security"]
        assert document["components"]["securitySchemes"][scheme]["scheme"] == "bearer"
        assert {"200", "400", "401", "403", "413", "415", "429", "503"} <= door["responses"].keys()
        assert door["responses"]["503"]["headers"]["Retry-After"]["required"] is True


def test_every_field_of_an_event_is_described(document, send, event):
    described = document["components"]["schemas"]["Event"]
    [example] = described["examples"]
    assert send([example]).json()["stored"] == 1
    assert described["required"] == ["id", "time"]


def raised_codes():
    """Collect the codes written in calls of the errors of ingestion."""
    places = {"BodyError": 0, "EventError": 0, "Refusal": 1, "KeyRefusedError": 1, "problem": 1}
    for path in (Path(django_settings.BASE_DIR) / "usage").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.Call):
                continue
            name = getattr(node.func, "id", "")
            given = node.args[places[name]] if name in places else None
            if name == "UsageFormatError":
                given = next((one.value for one in node.keywords if one.arg == "code"), None)
            if isinstance(given, ast.Constant):
                yield given.value


def test_codes_are_a_closed_documented_list(document):
    raised = set(raised_codes())
    assert len(raised) > 40
    assert raised - CODES.keys() - REQUEST_CODES.keys() == set()
    described = document["info"]["description"]
    for code, said in (CODES | REQUEST_CODES).items():
        assert f"| `{code}` | {said} |" in described
    assert document["components"]["schemas"]["Rejection"]["properties"]["code"]["enum"] == sorted(
        CODES
    )
