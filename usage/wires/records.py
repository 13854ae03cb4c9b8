"""Records of a wire → events, each by itself: a bad one is rejected alone."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from usage.ingest import MAX_EVENTS, BodyError, Decoded, EventError, Rejected
from usage.ingest.event import Event
from usage.ingest.lengths import check_lengths

_members = msgspec.json.Decoder(dict[str, msgspec.Raw])
_raws = msgspec.json.Decoder(list[msgspec.Raw])
_BOM = b"\xef\xbb\xbf"


@dataclass(slots=True)
class Record:
    """An event, and the identity and flags its wire knows of."""

    event: Event
    key: bytes | None = None
    flags: int = 0


class NotACallError(Exception):
    """The record is no priced call and never was meant to be one; `reason` is counted."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


Read = Callable[[bytes], Record]


def listed(body: bytes) -> list[bytes]:
    """Split a body of one record, an array or lines of them. Raises BodyError."""
    body = body.removeprefix(_BOM).strip(b" \t\r\n")
    if not body:
        raise BodyError("empty_body")
    try:
        raws = [bytes(raw) for raw in _split(body)]
    except RecursionError:
        raise BodyError("too_deep") from None
    except UnicodeDecodeError:
        raise BodyError("encoding") from None
    except msgspec.MsgspecError:
        raise BodyError("malformed_json") from None
    if len(raws) > MAX_EVENTS:
        raise BodyError("too_many_events", status=413)
    return raws


def _split(body: bytes) -> list[msgspec.Raw]:
    if body[:1] == b"[":
        return _raws.decode(body)
    try:
        return _raws.decode(b"[%b]" % body)
    except msgspec.DecodeError:
        return _raws.decode(b"[%b]" % b",".join(line for line in body.splitlines() if line.strip()))


def decode_records(raws: Sequence[bytes], read: Read) -> Decoded:
    """Read each record."""
    decoded = Decoded(0, [])
    for index, raw in enumerate(raws):
        try:
            record = read(raw)
            check_lengths(record.event)
        except NotACallError as error:
            decoded.ignored[error.reason] = decoded.ignored.get(error.reason, 0) + 1
        except EventError as error:
            decoded.rejected.append(refused(index, error, raw))
        except msgspec.ValidationError as error:
            code = "wrong_type" if raw[:1] == b"{" else "not_an_object"
            known = EventError(code, detail=str(error)[:300])
            decoded.rejected.append(refused(index, known, raw))
        except (msgspec.MsgspecError, ValueError, RecursionError):
            decoded.rejected.append(refused(index, EventError("invalid_text"), raw))
        else:
            add(decoded, index, record)
    decoded.received = len(decoded.events) + len(decoded.rejected)
    return decoded


def add(decoded: Decoded, index: int, record: Record) -> None:
    """Add a record that was read."""
    decoded.events.append((index, record.event))
    if record.key is not None:
        decoded.keys[index] = record.key
    if record.flags:
        decoded.flags[index] = record.flags


def refused(index: int, error: EventError, raw: bytes) -> Rejected:
    """Keep of a refused record its id and the names of its fields, no value."""
    try:
        members = _members.decode(raw)
        identity = msgspec.json.decode(bytes(members.get("id", b"null")), type=str | None)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        members, identity = {}, None
    return Rejected(
        index=index,
        error=error,
        id=identity[:200] if identity else None,
        removed=sorted(name[:64] for name in members),
        sha256=hashlib.sha256(raw).digest(),
    )


def as_usage(quantities: Mapping[str, Any]) -> msgspec.Raw:
    """Encode the quantities that are said; nothing where none is."""
    said = {name: value for name, value in quantities.items() if value is not None}
    return msgspec.Raw(msgspec.json.encode(said)) if said else msgspec.Raw()


def unwrapped(raw: msgspec.Raw | bytes) -> bytes:
    """Return JSON that a CSV cell holds as text; other JSON as it is."""
    text = bytes(raw)
    return msgspec.json.decode(text, type=str).encode() if text[:1] == b'"' else text


def columns(raw: bytes) -> dict[str, bytes]:
    """Return a record's members by their names without case, `_` and spaces; null is absent."""
    return {
        name.replace("_", "").replace(" ", "").lower(): bytes(value)
        for name, value in _members.decode(raw).items()
        if bytes(value) not in {b"null", b'""'}
    }


def cell(row: Mapping[str, bytes], *names: str) -> str:
    """Return the first of these columns as text, '' where none says anything.

    Raises ValidationError if it is neither text nor integer.
    """
    for name in names:
        if name in row:
            found = msgspec.json.decode(row[name], type=str | int)
            return found.strip() if isinstance(found, str) else str(found)
    return ""


def figure(row: Mapping[str, bytes], *names: str) -> int | None:
    """Return the first of these columns as a count. Raises EventError (not_integer)."""
    text = cell(row, *names)
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 15):
        raise EventError("not_integer", "/usage")
    return int(text)
