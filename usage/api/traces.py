"""OTLP/HTTP (opentelemetry-proto docs/specification.md): answers in the request's encoding."""

from collections import Counter

import msgspec
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse

from usage.api.door import Door, Refusal, view_of
from usage.api.status import status_message
from usage.ingest import IngestResult, Outcome
from usage.wires.otlp import decode_json, decode_protobuf

_MAX_BODY = 64 * 1024 * 1024
_JSON, _PROTOBUF = "application/json", "application/x-protobuf"
# HTTP status → google.rpc.Code.
_CODES = {400: 3, 401: 16, 403: 7, 404: 5, 405: 12, 413: 11, 415: 3, 429: 8, 503: 14}


def _answer(request: HttpRequest, result: IngestResult) -> HttpResponse:
    rejected, message = len(result.rejected), _message(result)
    if result.all_rejected and not result.ignored:
        return _refuse(request, Refusal(400, "all_rejected", message, {}))
    if request.content_type == _JSON:
        partial = {"rejectedSpans": str(rejected), "errorMessage": message}
        body = msgspec.json.encode({"partialSuccess": partial} if message else {})
        return HttpResponse(body, content_type=_JSON)
    answer = ExportTraceServiceResponse()
    if message:
        answer.partial_success.rejected_spans = rejected
        answer.partial_success.error_message = message
    return HttpResponse(answer.SerializeToString(), content_type=_PROTOBUF)


def _message(result: IngestResult) -> str:
    """Say what was not stored, by code; '' where everything was."""
    codes = Counter(rejected.error.code for rejected in result.rejected)
    parts = [f"{count} rejected: {code}" for code, count in codes.most_common()]
    conflicts = result.count(Outcome.CONFLICT)
    if conflicts:
        parts.append(f"{conflicts} in conflict with the same span sent before; the first is kept")
    batch = f" (batch {result.batch_id})" if parts else ""
    return "; ".join(parts) + batch


def _refuse(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    code = _CODES.get(refusal.status, 2)
    message = f"{refusal.code}: {refusal.detail}"
    if request.content_type == _PROTOBUF:
        body, kind = status_message(code, message), _PROTOBUF
    else:
        body, kind = msgspec.json.encode({"code": code, "message": message}), _JSON
    return HttpResponse(body, status=refusal.status, content_type=kind, headers=refusal.headers)


traces = view_of(
    Door(
        decoders={_JSON: decode_json, _PROTOBUF: decode_protobuf},
        answer=_answer,
        refuse=_refuse,
        limit=_MAX_BODY,
    )
)


@csrf_exempt
def not_taken(request: HttpRequest) -> HttpResponse:
    """Refuse metrics and logs: cumulative counters are no calls, and would be counted twice."""
    detail = "Only traces are taken here: POST /v1/traces."
    return _refuse(request, Refusal(404, "not_found", detail, {}))
