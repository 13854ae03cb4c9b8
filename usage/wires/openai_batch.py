"""OpenAI's batch output (JSON lines): each answered line at the batch tier.

The answer's own text is never decoded. Lines that failed cost nothing and are counted.
"""

import msgspec

from usage.ingest.event import Event
from usage.wires.exact import from_nanoseconds
from usage.wires.records import NotACallError, Record

_ANSWERED = 200


class _Body(msgspec.Struct):
    model: str | None = None
    created: int | None = None
    created_at: int | None = None
    usage: msgspec.Raw = msgspec.Raw()


class _Response(msgspec.Struct):
    status_code: int | None = None
    body: _Body | None = None


class _Line(msgspec.Struct):
    id: str
    response: _Response | None = None


_line = msgspec.json.Decoder(_Line)


def read(raw: bytes) -> Record:
    """Read one line. Raises NotACallError or a MsgspecError."""
    line = _line.decode(raw)
    answer = line.response
    if answer is None or answer.status_code != _ANSWERED or answer.body is None:
        raise NotACallError("failed_request")
    body = answer.body
    created = body.created or body.created_at
    chat = b'"prompt_tokens"' in bytes(body.usage)
    event = Event(
        id=line.id,
        # Embeddings state no time: it must come from the mapping.
        time="" if created is None else from_nanoseconds(created * 10**9),
        provider="openai",
        model=body.model or "",
        usage=body.usage,
        usage_format="openai.chat.batch" if chat else "openai.responses.batch",
        service_tier="batch",
        operation="chat",
    )
    return Record(event)
