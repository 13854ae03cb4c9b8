"""Helicone's export of requests (JSON lines, CSV), by the names its documentation uses.

Best effort: the header names of requests are documented (user id, properties), the columns of
the export were not seen. Reads each in snake_case or camelCase, with or without `request_`.
"""

import msgspec

from usage.ingest.event import Event
from usage.wires.exact import cost, in_utc, raw_decimal
from usage.wires.names import metadata, references, tags
from usage.wires.records import Record, as_usage, cell, columns, figure, unwrapped

_FAILED = 400


def read(raw: bytes) -> Record:
    """Read one request. Raises EventError or a MsgspecError."""
    row = columns(raw)
    said = metadata(unwrapped(row.get("requestproperties", row.get("properties", b"{}"))))
    amount = row.get("costusd", row.get("cost", b""))
    person = cell(row, "requestuserid", "userid")
    usage = {
        "prompt_tokens": figure(row, "prompttokens"),
        "completion_tokens": figure(row, "completiontokens"),
        "cache_read_input_tokens": figure(row, "promptcachereadtokens"),
        "cache_creation_input_tokens": figure(row, "promptcachewritetokens"),
        "total_tokens": figure(row, "totaltokens"),
    }
    status = figure(row, "responsestatus", "status")
    event = Event(
        id=cell(row, "requestid", "heliconeid", "id"),
        time=in_utc(cell(row, "requestcreatedat", "createdat")),
        provider=cell(row, "provider"),
        model=cell(row, "responsemodel", "model", "requestmodel"),
        usage=as_usage(usage),
        usage_format="litellm",
        outcome="error" if status is not None and status >= _FAILED else None,
        tags=tags(said),
        cost=cost(raw_decimal(msgspec.Raw(amount))),
        **({"user": person} if person else {}) | references(said),
    )
    return Record(event)
