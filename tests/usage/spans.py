"""Build OTLP export requests: the same spans as JSON, as protobuf, and gzipped."""

import gzip
import json

from google.protobuf.json_format import Parse
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

START = 1_790_000_000_000_000_000  # 2026-09-21T14:13:20Z
TRACE = "5b8efff798038103d269b633813fc60c"
CALL = {
    "gen_ai.operation.name": "chat",
    "gen_ai.provider.name": "openai",
    "gen_ai.request.model": "gpt-4o",
    "gen_ai.usage.input_tokens": 100,
    "gen_ai.usage.output_tokens": 10,
}


def value_of(value):
    match value:
        case bool():
            return {"boolValue": value}
        case int():
            return {"intValue": str(value)}
        case float():
            return {"doubleValue": value}
        case str():
            return {"stringValue": value}
    return value


def attributes(values):
    return [{"key": key, "value": value_of(value)} for key, value in values.items()]


def span(number=1, values=CALL, **fields):
    return {
        "traceId": TRACE,
        "spanId": f"{number:016x}",
        "name": "chat gpt-4o",
        "kind": 3,
        "startTimeUnixNano": str(START),
        "endTimeUnixNano": str(START + 10**9),
        "attributes": attributes(values),
    } | fields


def request(*spans, resource=None):
    found = {"attributes": attributes(resource or {"service.name": "api"})}
    return {"resourceSpans": [{"resource": found, "scopeSpans": [{"spans": list(spans)}]}]}


def as_json(body):
    return json.dumps(body).encode()


def as_protobuf(body):
    """Encode through protobuf's own JSON mapping, whose ids are base64."""
    import base64

    def binary(one):
        ids = ("traceId", "spanId", "parentSpanId")
        found = {
            name: base64.b64encode(bytes.fromhex(one[name])).decode() for name in ids if name in one
        }
        return one | found

    body = json.loads(json.dumps(body))
    for resource in body["resourceSpans"]:
        for scope in resource["scopeSpans"]:
            scope["spans"] = [binary(one) for one in scope["spans"]]
    return Parse(json.dumps(body), ExportTraceServiceRequest()).SerializeToString()


ENCODINGS = {"application/json": as_json, "application/x-protobuf": as_protobuf}


def zipped(body):
    return gzip.compress(body)
