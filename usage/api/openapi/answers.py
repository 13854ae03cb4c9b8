"""What the doors and the read endpoints answer, and every code of an error."""

from typing import Any

from usage.api.openapi.events import Schema, reference
from usage.api.problem import CONTENT_TYPE
from usage.ingest import Outcome
from usage.ingest.errors import CODES

# Codes of whole requests beside those of bodies.
REQUEST_CODES = {
    "key_missing": "No API key in the Authorization header.",
    "key_unknown": "The API key is not known here.",
    "key_ended": "The API key was revoked or has expired.",
    "key_in_query": "An API key in the address opens nothing.",
    "scope_missing": "The API key lacks the scope.",
    "rate_limited": "The API key made too many requests; wait as long as Retry-After says.",
    "method_not_allowed": "Send with POST.",
    "not_found": "Nothing is served at this address; of OTLP, metrics and logs are not taken.",
    "all_rejected": "No event of the request could be taken.",
    "unavailable": "The ledger cannot be written now; nothing was stored.",
    "internal": "The server failed; nothing was stored.",
}
_COUNT: Schema = {"type": "integer", "minimum": 0}
_TEXT: Schema = {"type": "string"}
_REJECTION: Schema = {
    "type": "object",
    "required": ["index", "id", "status", "code", "pointer", "detail", "retryable",
                 "quarantine_id"],
    "properties": {
        "index": _COUNT,
        "id": {"type": ["string", "null"]},
        "status": {"const": "rejected"},
        "code": {"enum": sorted(CODES)},
        "pointer": _TEXT,
        "detail": _TEXT,
        "retryable": {"const": False},
        "quarantine_id": _TEXT,
    },
}  # fmt: skip
_RESULT: Schema = {
    "type": "object",
    "required": ["index", "id", "status"],
    "properties": {
        "index": _COUNT,
        "id": _TEXT,
        "status": {"enum": [one.value for one in Outcome if one is not Outcome.REJECTED]},
        "late": {"const": True},
    },
}
SCHEMAS: dict[str, Schema] = {
    "Rejection": _REJECTION,
    "IngestResult": {
        "type": "object",
        "description": "Counts add up to the events received; `results` lists those not newly "
        "stored and those of a closed month (`late`: posted in the first open one), all with "
        "verbose=1, of the rejected at most 100.",
        "required": [*(one.value for one in Outcome), "results"],
        "properties": {
            **{one.value: _COUNT for one in Outcome},
            "results": {"type": "array", "items": {"oneOf": [_RESULT, reference("Rejection")]}},
            "ignored": {"type": "object", "additionalProperties": _COUNT},
            "warnings": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["code", "events"],
                    "properties": {"code": _TEXT, "field": _TEXT, "events": _COUNT,
                                   "detail": _TEXT},
                },
            },
        },
    },
    "Problem": {
        "type": "object",
        "description": "RFC 9457. `code` is stable, `detail` is for people.",
        "required": ["type", "title", "status", "code", "detail"],
        "properties": {
            "type": {"type": "string", "format": "uri"},
            "title": _TEXT,
            "status": {"type": "integer", "minimum": 400, "maximum": 599},
            "code": _TEXT,
            "detail": _TEXT,
            "errors": {"type": ["array", "object", "null"]},
        },
    },
    "Status": {
        "type": "object",
        "description": "google.rpc.Status; `message` begins with our code.",
        "required": ["code", "message"],
        "properties": {"code": _COUNT, "message": _TEXT},
    },
    "OtlpAnswer": {
        "type": "object",
        "properties": {
            "partialSuccess": {
                "type": "object",
                "required": ["rejectedSpans", "errorMessage"],
                "properties": {
                    "rejectedSpans": {"type": "string", "pattern": "^[0-9]+$"},
                    "errorMessage": _TEXT,
                },
            }
        },
    },
}  # fmt: skip


def _json(name: str, kind: str = "application/json") -> dict[str, Any]:
    return {kind: {"schema": reference(name)}}


_BINARY = {"application/x-protobuf": {"schema": {"type": "string", "format": "binary"}}}
_PROBLEM = _json("Problem", CONTENT_TYPE)
_RPC_STATUS = {**_json("Status"), **_BINARY}
_SECONDS = {"Retry-After": {"schema": {"type": "string"}, "required": True}}
_WAYS = {"WWW-Authenticate": {"schema": {"type": "string"}, "required": True}}
_METHODS = {"Allow": {"schema": {"type": "string"}, "required": True}}
_KINDS = {"Accept": {"schema": {"type": "string"}, "required": True}}


def _refusals(content: dict[str, Any]) -> dict[str, Any]:
    """List the refusals all doors have, each with this content."""
    found = {
        "400": ("The body cannot be read; nothing was stored. Final.", {}),
        "401": ("No live API key.", _WAYS),
        "403": ("The key lacks the scope events:write.", {}),
        "405": ("Another method than POST.", _METHODS),
        "413": ("Too large once decoded, or too many events: send less at once.", {}),
        "415": ("Another content type or encoding than accepted.", _KINDS),
        "429": ("Too many requests of this key. Send again later.", _SECONDS),
        "503": ("Nothing was stored. Send the same again later.", _SECONDS),
    }
    refusals = {
        status: {"description": said, "headers": headers, "content": content}
        for status, (said, headers) in found.items()
    }
    refusals["401"]["content"] = {**content, **_PROBLEM}  # a key in the address is told so early
    return refusals


JSON_ANSWERS = {
    "200": {
        "description": "Committed: each event is stored, a duplicate, in conflict or rejected.",
        "content": _json("IngestResult"),
    },
    "422": {"description": "Every event was rejected: see `errors`.", "content": _PROBLEM},
    **_refusals(_PROBLEM),
}
OTLP_ANSWERS = {
    "200": {
        "description": "Committed; `partialSuccess` says what was not stored.",
        "content": {**_json("OtlpAnswer"), **_BINARY},
    },
    **_refusals(_RPC_STATUS),
}
READ_ERRORS = {
    "400": {"description": "A parameter is not as accepted.", "content": _PROBLEM},
    "401": {"description": "Not signed in, and no live API key.", "content": _PROBLEM},
    "403": {"description": "The key or the person may not read.", "content": _PROBLEM},
    "404": {"description": "Not there.", "content": _PROBLEM},
    "405": {"description": "Another method.", "headers": _METHODS, "content": _PROBLEM},
    "429": {"description": "Too many requests of this key.", "headers": _SECONDS,
            "content": _PROBLEM},
    "503": {"description": "The database cannot answer now.", "headers": _SECONDS,
            "content": _PROBLEM},
}  # fmt: skip
