"""The spans the benchmark of the doors sends: one inference span each, as an emitter writes them.

Names and kinds of value are those of OpenTelemetry's GenAI conventions 1.37 with a `customer.id`
and a `feature` of the application's own; the resource is that of the Python SDK.
"""

import json
import os
import random
from collections.abc import Callable, Iterable
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from benchmarks.sent import CUSTOMERS, FEATURES, MODELS, Sent

_START = 1_790_000_000_000_000_000  # 2026-09-21
_random = random.Random(11)
RESOURCE = {
    "service.name": "assistant",
    "service.version": "41.2.0",
    "deployment.environment.name": "production",
    "telemetry.sdk.language": "python",
    "telemetry.sdk.name": "opentelemetry",
    "telemetry.sdk.version": "1.38.0",
    "host.name": "worker-7",
    "process.pid": 4711,
}
_SCOPE = "opentelemetry.instrumentation.openai_v2"


def attributes() -> dict[str, Any]:
    """Make the attributes of one call."""
    provider, asked, answered = _random.choice(MODELS)
    read = _random.randint(0, 4000)
    return {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": provider,
        "gen_ai.request.model": asked,
        "gen_ai.request.temperature": 0.2,
        "gen_ai.request.top_p": 0.95,
        "gen_ai.request.max_tokens": 4096,
        "gen_ai.response.id": f"chatcmpl-{os.urandom(14).hex()}",
        "gen_ai.response.model": answered,
        "gen_ai.response.finish_reasons": ["stop"],
        "gen_ai.usage.input_tokens": read + _random.randint(50, 9000),
        "gen_ai.usage.output_tokens": _random.randint(5, 1500),
        "gen_ai.usage.cache_read.input_tokens": read,
        "gen_ai.output.type": "text",
        "gen_ai.conversation.id": f"conv_{os.urandom(8).hex()}",
        "openai.response.service_tier": "default",
        "server.address": f"api.{provider}.example",
        "server.port": 443,
        "customer.id": f"customer-{_random.randrange(CUSTOMERS)}",
        "feature": f"feature-{_random.randrange(FEATURES)}",
    }


def spans(batch: int, requests: int, encode: Callable[[list[dict[str, Any]]], bytes]) -> Sent:
    """Encode so many requests of `batch` new spans each."""
    sent = Sent()
    for _ in range(requests):
        made = [attributes() for _ in range(batch)]
        sent.tokens += sum(
            one["gen_ai.usage.input_tokens"] + one["gen_ai.usage.output_tokens"] for one in made
        )
        sent.events += batch
        sent.bodies.append(encode(made))
    return sent


def _start() -> int:
    return _START + _random.randrange(7 * 86_400) * 10**9 + _random.randrange(10**9)


def as_protobuf(calls: list[dict[str, Any]]) -> bytes:
    """Encode an export request in protobuf."""
    request = ExportTraceServiceRequest()
    resource = request.resource_spans.add()
    _add(resource.resource.attributes, RESOURCE)
    scope = resource.scope_spans.add()
    scope.scope.name, scope.scope.version = _SCOPE, "2.1b0"
    for values in calls:
        start = _start()
        span = scope.spans.add(
            trace_id=os.urandom(16), span_id=os.urandom(8), kind=3, flags=256,
            name=f"chat {values['gen_ai.request.model']}",
            start_time_unix_nano=start, end_time_unix_nano=start + _random.randrange(10**10),
        )  # fmt: skip
        span.status.code = 0
        _add(span.attributes, values)
    return bytes(request.SerializeToString())


def _add(to: Any, values: dict[str, Any]) -> None:
    for key, value in values.items():
        into = to.add(key=key).value
        if isinstance(value, list):
            for one in value:
                into.array_value.values.add(string_value=one)
        else:
            setattr(into, _KINDS[type(value)], value)


_KINDS = {str: "string_value", int: "int_value", float: "double_value"}


def as_json(calls: list[dict[str, Any]]) -> bytes:
    """Encode an export request in JSON: ids in hex, 64-bit integers as text."""
    found = []
    for values in calls:
        start = _start()
        found.append(
            {
                "traceId": os.urandom(16).hex(),
                "spanId": os.urandom(8).hex(),
                "flags": 256,
                "name": f"chat {values['gen_ai.request.model']}",
                "kind": 3,
                "startTimeUnixNano": str(start),
                "endTimeUnixNano": str(start + _random.randrange(10**10)),
                "attributes": list(_pairs(values)),
                "status": {},
            }
        )
    scope = {"scope": {"name": _SCOPE, "version": "2.1b0"}, "spans": found}
    resource = {"resource": {"attributes": list(_pairs(RESOURCE))}, "scopeSpans": [scope]}
    return json.dumps({"resourceSpans": [resource]}, separators=(",", ":")).encode()


def _pairs(values: dict[str, Any]) -> Iterable[dict[str, Any]]:
    for key, value in values.items():
        yield {"key": key, "value": _value(value)}


def _value(value: Any) -> dict[str, Any]:
    if isinstance(value, list):
        return {"arrayValue": {"values": [_value(one) for one in value]}}
    if isinstance(value, int):
        return {"intValue": str(value)}
    return {"doubleValue": value} if isinstance(value, float) else {"stringValue": value}
