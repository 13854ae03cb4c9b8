"""The two encodings of an export request, each read through the same names."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Generic, TypeVar

import msgspec
from google.protobuf.message import DecodeError
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from usage.ingest import BodyError, EventError
from usage.wires.exact import decimal

_TRACE_BYTES, _SPAN_BYTES = 16, 8
SpanType = TypeVar("SpanType")
Value = str | int | bool | Decimal | None


@dataclass(frozen=True, slots=True)
class Encoding:
    """How to decode a value and an id (both raise EventError), and to spell a span again."""

    value: Callable[[Any], Value]
    identity: Callable[[Any, int], bytes]
    encode: Callable[[Any], bytes]


class Status(msgspec.Struct):
    """A span's status: 2 is an error."""

    code: int | None = 0


class KeyValue(msgspec.Struct, gc=False):
    """An attribute; its value stays undecoded until it is picked."""

    key: str = ""
    value: msgspec.Raw = msgspec.Raw()


class Span(msgspec.Struct, rename="camel"):
    """What is read of a span: never its name, events or links."""

    trace_id: str | None = ""
    span_id: str | None = ""
    parent_span_id: str | None = ""
    kind: int | None = 0
    start_time_unix_nano: int | str | None = 0
    end_time_unix_nano: int | str | None = 0
    attributes: list[KeyValue] | None = None
    status: Status | None = None


class Instrumentation(msgspec.Struct):
    """What made the spans."""

    name: str | None = ""


class Scope(msgspec.Struct, Generic[SpanType]):
    """Spans of one instrumentation."""

    scope: Instrumentation | None = None
    spans: list[SpanType] | None = None


class Resource(msgspec.Struct):
    """Who emitted them."""

    attributes: list[KeyValue] | None = None


class ResourceSpans(msgspec.Struct, Generic[SpanType], rename="camel"):
    """Spans of one resource."""

    resource: Resource | None = None
    scope_spans: list[Scope[SpanType]] | None = None


class Request(msgspec.Struct, Generic[SpanType], rename="camel"):
    """An export request."""

    resource_spans: list[ResourceSpans[SpanType]] | None = None


class AnyValue(msgspec.Struct, rename="camel"):
    """The kinds of value that are read; arrays and maps hold nothing we want."""

    string_value: str | None = None
    int_value: int | str | None = None
    double_value: msgspec.Raw = msgspec.Raw()
    bool_value: bool | None = None


_whole = msgspec.json.Decoder(Request[Span])
_apart = msgspec.json.Decoder(Request[msgspec.Raw])
_any = msgspec.json.Decoder(AnyValue)
read_span = msgspec.json.Decoder(Span).decode


def parse_protobuf(body: bytes) -> Any:
    """Parse a request. Raises BodyError."""
    try:
        return ExportTraceServiceRequest.FromString(body)
    except DecodeError:
        raise BodyError("malformed_protobuf", detail="The body is not an OTLP request.") from None


def parse_json(body: bytes) -> Any:
    """Parse a request; its spans stay Raw where one of them is wrong. Raises BodyError."""
    try:
        try:
            return _whole.decode(body)
        except msgspec.ValidationError:
            return _apart.decode(body)
    except RecursionError:
        raise BodyError("too_deep") from None
    except UnicodeDecodeError:
        raise BodyError("encoding") from None
    except msgspec.ValidationError as error:
        detail = f"The body is not an OTLP request: {str(error)[:200]}"
        raise BodyError("wrong_type", detail=detail) from None
    except msgspec.MsgspecError:
        raise BodyError("malformed_json") from None


def _protobuf_value(value: Any) -> Value:
    kind = value.WhichOneof("value")
    if kind in {"string_value", "int_value", "bool_value"}:
        found: Value = getattr(value, kind)
        return found
    return decimal(repr(value.double_value)) if kind == "double_value" else None


def _json_value(raw: msgspec.Raw) -> Value:
    try:
        value = _any.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise EventError("wrong_type") from None
    if value.string_value is not None or value.bool_value is not None:
        return value.string_value if value.bool_value is None else value.bool_value
    if value.int_value is not None:
        return integer(value.int_value)
    double = bytes(value.double_value).decode().strip('"')
    return None if double in {"", "null"} else decimal(double)


def integer(value: int | str | None) -> int:
    """Read an int64, which JSON may spell as text. Raises EventError."""
    if isinstance(value, str):
        if not (value.isascii() and value.removeprefix("-").isdigit() and len(value) <= 20):
            raise EventError("not_integer")
        return int(value)
    return value or 0


def _hexadecimal(value: str | None, size: int) -> bytes:
    try:
        identity = bytes.fromhex(value or "")
    except ValueError:
        identity = b""
    if len(identity) != size or (value or "").strip() != value:
        raise EventError("span_id", "/spanId")
    return identity


def _binary(value: bytes, size: int) -> bytes:
    if len(value) != size:
        raise EventError("span_id", "/spanId")
    return value


PROTOBUF = Encoding(_protobuf_value, _binary, lambda span: bytes(span.SerializeToString()))
JSON = Encoding(_json_value, _hexadecimal, msgspec.json.encode)


def identity(span: Any, encoding: Encoding) -> tuple[bytes, bytes]:
    """Return (trace id, span id). Raises EventError where one is none or zero."""
    trace = encoding.identity(span.trace_id, _TRACE_BYTES)
    own = encoding.identity(span.span_id, _SPAN_BYTES)
    if not any(trace) or not any(own):
        raise EventError("span_id", "/spanId")
    return trace, own


def resources(request: Any) -> Iterable[tuple[Iterable[Any], str, Iterable[Any]]]:
    """Yield (resource attributes, instrumentation's name, spans) of each scope."""
    for resource in request.resource_spans or ():
        attributes = (resource.resource.attributes if resource.resource else None) or ()
        for scope in resource.scope_spans or ():
            name = (scope.scope.name if scope.scope else None) or ""
            yield attributes, name, scope.spans or ()
