"""How billing imports stand in the OpenAPI document."""

from typing import Any

from billing.models import BillingImport, ProviderImport
from tknops.jobs.models import Job

Schema = dict[str, Any]
_TEXT: Schema = {"type": "string"}
_COUNT: Schema = {"type": "integer", "minimum": 0}
_WHEN: Schema = {"type": "string", "format": "date-time"}


def _object(required: bool = True, **properties: Any) -> Schema:  # noqa: FBT001, FBT002
    found: Schema = {"type": "object", "properties": properties}
    return found | {"required": list(properties)} if required else found


def _list(items: Schema) -> Schema:
    return {"type": "array", "items": items}


_FINDING = _object(required=False, line=_COUNT, code=_TEXT, message=_TEXT)
_JOB = _object(
    id=_COUNT, state={"enum": [state.lower() for state in Job.State.values]}, progress=_COUNT,
    total={"type": ["integer", "null"]}, error=_TEXT,
)  # fmt: skip
IMPORT = _object(
    id=_COUNT,
    url={"type": "string", "format": "uri"},
    state={
        "enum": [state.lower() for state in BillingImport.State.values],
        "description": "asking: see `asks`, send it again with the answer; refused: see `errors`.",
    },
    job={"oneOf": [_JOB, {"type": "null"}]},
    profile=_TEXT, file_name=_TEXT, sha256=_TEXT, rows=_COUNT, created=_COUNT, unchanged=_COUNT,
    asks=_list({"enum": ["columns", "decimal", "dates", "accounting", "replace"]}),
    error_count=_COUNT, errors=_list(_FINDING), warnings=_list(_FINDING),
    left_out=_list(
        _object(reason=_TEXT, currency=_TEXT, rows=_COUNT, amount_minor={"type": "integer"})
    ),
    created_at=_WHEN,
    applied_at={"oneOf": [_WHEN, {"type": "null"}]},
    detail=_TEXT,
)  # fmt: skip
BILL = _object(
    id=_COUNT,
    url={"type": "string", "format": "uri"},
    state={"enum": [state.lower() for state in ProviderImport.State.values]},
    job={"oneOf": [_JOB, {"type": "null"}]},
    profile=_TEXT, file_name=_TEXT, sha256=_TEXT, rows=_COUNT, created=_COUNT,
    error_count=_COUNT, errors=_list(_FINDING), warnings=_list(_FINDING),
    invoices=_list(
        _object(provider=_TEXT, month=_TEXT, currency=_TEXT, source=_TEXT, number=_TEXT)
    ),
    created_at=_WHEN,
    applied_at={"oneOf": [_WHEN, {"type": "null"}]},
    detail=_TEXT,
)  # fmt: skip
BILL_FORM = {
    "type": "object",
    "required": ["file"],
    "properties": {
        "file": {"type": "array", "items": {"type": "string", "format": "binary"}},
        **dict.fromkeys(("format", "provider", "total", "rate"), _TEXT),
    },
}
FORM = {
    "type": "object",
    "required": ["file"],
    "properties": {
        "file": {"type": "string", "format": "binary"},
        "profile": _TEXT,
    },
}
