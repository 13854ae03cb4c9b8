"""The bodies of the doors in JSON Schema; the native event is read from its declaration."""

from typing import Any

from msgspec import inspect

from usage.ingest import MAX_EVENTS
from usage.ingest.event import Cost, Event, Line, Usage

Schema = dict[str, Any]
# What the declaration leaves undecoded.
_RAW: dict[str, Schema] = {
    "usage": {
        "anyOf": [{"$ref": "#/components/schemas/Usage"}, {"type": "object"}],
        "description": "Disjoint token classes; with `usage_format` the provider's "
        "own usage object as it is.",
    },
    "units": {"type": ["number", "string"], "description": "How many `unit`s; 6 decimals."},
    "amount": {"type": ["string", "number"], "description": "A decimal, read exactly."},
}
_EXAMPLE = {
    "id": "01928e5a-7c3b-7d2e-9f10-3a5b6c7d8e9f",
    "time": "2026-10-05T14:03:21.123456Z",
    "provider": "openai",
    "model": "gpt-4o",
    "customer": "acme",
    "feature": "summarise",
    "usage": {"input_tokens": 1200, "cache_read_tokens": 1024, "output_tokens": 300},
}


def reference(name: str) -> Schema:
    """Point to a component."""
    return {"$ref": f"#/components/schemas/{name}"}


def _of(kind: Any) -> Schema:
    if isinstance(kind, inspect.UnionType):
        return {"anyOf": [_of(one) for one in kind.types]}
    if isinstance(kind, inspect.StructType):
        return reference(kind.cls.__name__)
    if isinstance(kind, inspect.DictType):
        return {"type": "object", "additionalProperties": _of(kind.value_type)}
    if isinstance(kind, inspect.ListType):
        bounds = {"minItems": kind.min_length, "maxItems": kind.max_length}
        return {"type": "array", "items": _of(kind.item_type), **_said(bounds)}
    if isinstance(kind, inspect.StrType):
        return {"type": "string", **_said({"maxLength": kind.max_length})}
    if isinstance(kind, inspect.IntType):
        return {"type": "integer", **_said({"minimum": kind.ge, "maximum": kind.le})}
    return {"type": "null"}


def _said(bounds: dict[str, int | None]) -> dict[str, int]:
    return {name: bound for name, bound in bounds.items() if bound is not None}


def _struct(cls: type) -> Schema:
    """Describe a struct; what its declaration requires is required."""
    fields = inspect.type_info(cls).fields  # type: ignore[attr-defined]
    schema: Schema = {
        "type": "object",
        "description": (cls.__doc__ or "").strip(),
        "properties": {one.name: _RAW.get(one.name) or _of(one.type) for one in fields},
        "additionalProperties": False,
    }
    if required := [one.name for one in fields if one.required]:
        schema["required"] = required
    return schema


_OBJECT: Schema = {"type": "object"}


def _several(one: Schema) -> Schema:
    return {"oneOf": [one, {"type": "array", "items": one}]}


SCHEMAS: dict[str, Schema] = {
    "Usage": _struct(Usage),
    "Cost": _struct(Cost),
    "Line": _struct(Line),
    # A name that is not declared is dropped unread, with a warning in the answer.
    "Event": {**_struct(Event), "additionalProperties": True, "examples": [_EXAMPLE]},
    "CloudEvent": {
        "type": "object",
        "description": "CloudEvents 1.0; `data` holds model, provider, `type` and `tokens`, or "
        "`prompt_tokens`, `completion_tokens` and `cost`. (`source`, `id`) is the identity.",
        "required": ["specversion", "id", "source", "type", "time", "data"],
        "properties": {
            "specversion": {"const": "1.0"},
            **{name: {"type": "string"} for name in ("id", "source", "type", "time")},
            "subject": {"type": ["string", "null"], "description": "The customer."},
            "data": _OBJECT,
        },
    },
    "LiteLLMPayload": {
        "type": "object",
        "description": "LiteLLM's StandardLoggingPayload, as its generic API logger posts it.",
        "required": ["id"],
        "properties": {"id": {"type": "string"}},
    },
    "OtlpTraces": {
        "type": "object",
        "description": "ExportTraceServiceRequest of opentelemetry-proto in its JSON mapping.",
        "properties": {"resourceSpans": {"type": "array", "items": _OBJECT}},
    },
}
_EVENTS = {"type": "array", "items": reference("Event"), "maxItems": MAX_EVENTS}
_WRAPPED = {"type": "object", "required": ["events"], "properties": {"events": _EVENTS}}
_CLOUD_EVENTS = _several(reference("CloudEvent"))

BODIES: dict[str, Schema] = {
    "events": {
        "application/json": {
            "schema": {"anyOf": [_EVENTS, _WRAPPED, reference("Event")]},
            "examples": {"one event": {"value": [_EXAMPLE]}},
        },
        "application/cloudevents+json": {"schema": _CLOUD_EVENTS},
        "application/cloudevents-batch+json": {"schema": _CLOUD_EVENTS},
    },
    "litellm": {"application/json": {"schema": _several(reference("LiteLLMPayload"))}},
    "traces": {
        "application/json": {"schema": reference("OtlpTraces")},
        "application/x-protobuf": {"schema": {"type": "string", "format": "binary"}},
    },
}
