"""Postprocessing of the OpenAPI document: the doors, which are plain views, and the errors."""

from typing import Any

from usage.api.openapi import answers, events
from usage.ingest.errors import CODES

_SCHEME = {"type": "http", "scheme": "bearer", "description": "tko_…, scope events:write"}
_VERBOSE = {
    "name": "verbose",
    "in": "query",
    "description": "1 lists every event in `results`.",
    "schema": {"enum": ["0", "1"]},
}
_HOW = "Send with `Content-Encoding` gzip, zstd or none. 5xx: nothing of the request was stored. "
_COMMON = {"tags": ["ingestion"], "security": [{"ingestionKey": []}]}


def _door(name: str, said: str, responses: dict[str, Any], **more: Any) -> dict[str, Any]:
    operation = {
        "operationId": f"ingest_{name}",
        "description": _HOW + said,
        "requestBody": {"required": True, "content": events.BODIES[name]},
        "responses": responses,
    }
    return {"post": {**_COMMON, **operation, **more}}


_DOORS = {
    "/api/v1/events": _door(
        "events",
        "At most 5,000 events and 16 MiB. (source, `id`) is stored once for ever.",
        answers.JSON_ANSWERS,
        parameters=[_VERBOSE],
    ),
    "/api/v1/integrations/litellm": _door(
        "litellm",
        "StandardLoggingPayload: one, a list, or lines; 16 MiB.",
        answers.JSON_ANSWERS,
        parameters=[_VERBOSE],
    ),
    "/v1/traces": _door(
        "traces",
        "OTLP/HTTP; 64 MiB. The answer has the content type of the request. Only inference spans "
        "are stored, each once by trace id, span id and start.",
        answers.OTLP_ANSWERS,
    ),
}


def _table(codes: dict[str, str]) -> str:
    rows = "\n".join(f"| `{code}` | {said} |" for code, said in codes.items())
    return f"| Code | Meaning |\n|---|---|\n{rows}"


def add_doors(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Add the doors, their schemas and codes, and the errors of every read endpoint."""
    components = result["components"]
    components["schemas"] |= events.SCHEMAS | answers.SCHEMAS
    components["securitySchemes"]["ingestionKey"] = _SCHEME
    for path in result["paths"].values():
        for operation in path.values():
            operation["responses"] |= answers.READ_ERRORS
    result["paths"] |= _DOORS
    result["info"]["description"] += (
        f"\n\n## Codes of a request\n{_table(answers.REQUEST_CODES)}"
        f"\n\n## Codes of bodies and events\n{_table(CODES)}"
    )
    return result
