"""The doors that answer in JSON: native events, CloudEvents, LiteLLM; no serializer here."""

import msgspec
from django.http import HttpRequest, HttpResponse

from usage.api.door import Door, Refusal, view_of
from usage.api.problem import problem
from usage.ingest import IngestResult, decode
from usage.wires.cloudevents import decode_cloudevents
from usage.wires.litellm import decode_litellm


def _answer(request: HttpRequest, result: IngestResult) -> HttpResponse:
    if result.all_rejected:
        detail = f"None of the {result.received} events could be taken."
        return problem(422, "all_rejected", detail, errors=result.errors())
    body = result.body(verbose=request.GET.get("verbose") == "1")
    return HttpResponse(msgspec.json.encode(body), content_type="application/json")


def _refuse(_request: HttpRequest, refusal: Refusal) -> HttpResponse:
    return problem(refusal.status, refusal.code, refusal.detail, headers=refusal.headers)


events = view_of(
    Door(
        decoders={
            "application/json": decode,
            "": decode,
            "application/cloudevents+json": decode_cloudevents,
            "application/cloudevents-batch+json": decode_cloudevents,
        },
        answer=_answer,
        refuse=_refuse,
    )
)
litellm = view_of(
    Door(
        decoders={"application/json": decode_litellm, "": decode_litellm},
        answer=_answer,
        refuse=_refuse,
    )
)
