"""Body → events: one typed decode of the whole list; only if it fails, event by event."""

import hashlib
import re
from typing import Any

import msgspec

from usage.ingest.decoded import Decoded, Rejected
from usage.ingest.diagnose import diagnose
from usage.ingest.errors import CODES, BodyError, EventError
from usage.ingest.event import CONTENT, FIELDS, Event
from usage.ingest.scrub import readable

MAX_EVENTS = 5_000
# Half of a surrogate pair spells no character: read as NUL, which rejects its event alone.
_LONE_SURROGATE = re.compile(
    rb"((?<!\\)(?:\\\\)*)(?:\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F])|"
    rb"(?<!\\u[dD][89abAB]..)\\u[dD][c-fC-F][0-9a-fA-F]{2})"
)
# A number no limit could admit, told from digits in a text by taking the texts out.
_HUGE_DIGITS = 1_000
_HUGE, _TEXT = re.compile(rb"\d{%d}" % _HUGE_DIGITS), re.compile(rb'"(?:[^"\\]|\\.)*"')
_BOM = b"\xef\xbb\xbf"


class _Envelope(msgspec.Struct):
    events: msgspec.Raw = msgspec.Raw()


_envelope = msgspec.json.Decoder(_Envelope)
_events = msgspec.json.Decoder(list[Event])
_raws = msgspec.json.Decoder(list[msgspec.Raw])
_event = msgspec.json.Decoder(Event)
_any = msgspec.json.Decoder()


def decode(body: bytes) -> Decoded:
    """Decode a request body.

    Raises BodyError if it is not a list of events in JSON at all.
    """
    listed = _listed(body)
    if not _suspect(listed):
        try:
            events = _events.decode(listed)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            pass
        else:
            _limit(len(events))
            if max([len(bytes(event.usage)) for event in events], default=0) > _HUGE_DIGITS:
                _refuse_huge(listed)
            return Decoded(len(events), list(enumerate(events)))
    try:
        listed.decode()
    except UnicodeDecodeError:
        raise BodyError("encoding") from None
    _refuse_huge(listed)
    return _one_by_one(_raw_events(_LONE_SURROGATE.sub(rb"\1\\u0000", listed)))


def _refuse_huge(body: bytes) -> None:
    if _HUGE.search(body) and _HUGE.search(_TEXT.sub(b"", body)):
        detail = f"A number has {_HUGE_DIGITS:,} digits or more."
        raise BodyError("out_of_range", detail=detail)


def _suspect(body: bytes) -> bool:
    """Escapes that may spell NUL or a lone surrogate are looked at event by event."""
    return b"\\u" in body and (b"\\u0000" in body or b"\\ud" in body or b"\\uD" in body)


def _listed(body: bytes) -> bytes:
    body = body.removeprefix(_BOM)
    if body[:2] in {b"\xff\xfe", b"\xfe\xff"} or b"\x00" in body[:4]:
        detail = "The body looks like UTF-16; send UTF-8."
        raise BodyError("encoding", detail=detail)
    head = body.lstrip(b" \t\r\n")[:1]
    if not head:
        raise BodyError("empty_body")
    return body if head == b"[" else _unwrapped(body, head)


def _unwrapped(body: bytes, head: bytes) -> bytes:
    try:
        envelope = _envelope.decode(body) if head == b"{" else _any.decode(body)
    except RecursionError:
        raise BodyError("too_deep") from None
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise _malformed(error) from None
    if isinstance(envelope, _Envelope):
        if bytes(envelope.events):
            return bytes(envelope.events)
        if body.strip(b" \t\r\n{}"):
            return b"[" + body + b"]"
    raise BodyError("events_missing", status=422)


def _malformed(error: Exception) -> BodyError:
    if isinstance(error, UnicodeDecodeError):
        return BodyError("encoding")
    place = str(error)
    offset = place[place.rfind("(byte ") :] if "(byte " in place else ""
    return BodyError("malformed_json", detail=f"{CODES['malformed_json']} {offset}".strip())


def _raw_events(listed: bytes) -> list[msgspec.Raw]:
    try:
        raws = _raws.decode(listed)
    except RecursionError:
        raise BodyError("too_deep") from None
    except msgspec.ValidationError:
        raise BodyError("events_missing", status=422) from None
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise _malformed(error) from None
    _limit(len(raws))
    return raws


def _limit(count: int) -> None:
    if count > MAX_EVENTS:
        raise BodyError("too_many_events", status=413)


def _one_by_one(raws: list[msgspec.Raw]) -> Decoded:
    decoded = Decoded(len(raws), [])
    for index, raw in enumerate(raws):
        text = bytes(raw)
        found: dict[str, Any] = {}
        try:
            found = _object(text)
            event = _event.decode(msgspec.json.encode(_allowed(found, decoded)))
        except EventError as error:
            decoded.rejected.append(_rejected(index, error, found, text))
        except (msgspec.MsgspecError, ValueError) as error:
            known = EventError("wrong_type", detail=_without_value(error))
            decoded.rejected.append(_rejected(index, _named(found, known), found, text))
        else:
            decoded.events.append((index, event))
            if names := _removed(found):
                decoded.removed[index] = names
    return decoded


def _object(text: bytes) -> dict[str, Any]:
    try:
        found = msgspec.json.decode(text, type=dict[str, msgspec.Raw])
        _any.decode(text)
    except RecursionError:
        raise BodyError("too_deep") from None
    except msgspec.ValidationError as error:
        if text[:1] != b"{":
            raise EventError("not_an_object") from None
        raise EventError("out_of_range", detail=_without_value(error)) from None
    except UnicodeDecodeError:
        raise EventError("invalid_text") from None
    except msgspec.DecodeError as error:
        # The list was well formed, so only the inside of a text can be wrong: a lone surrogate.
        if b"\\ud" in text.lower():
            raise EventError("invalid_text") from None
        raise _malformed(error) from None
    return found


def _allowed(found: dict[str, Any], decoded: Decoded) -> dict[str, Any]:
    for name in found.keys() - FIELDS:
        if name.lower() in CONTENT:
            decoded.content += 1
        decoded.unknown[name[:64]] = decoded.unknown.get(name[:64], 0) + 1
    return {name: value for name, value in found.items() if name in FIELDS}


def _removed(found: dict[str, Any]) -> list[str]:
    return sorted(name[:64] for name in found.keys() - FIELDS)


def _named(found: dict[str, Any], error: EventError) -> EventError:
    """Give the usual mistakes their own code."""
    return diagnose(found) or error


def _without_value(error: Exception) -> str:
    """Msgspec names types and paths, never values."""
    return str(error)[:300]


def _rejected(index: int, error: EventError, found: dict[str, Any], text: bytes) -> Rejected:
    safe = {name: readable(bytes(found[name])) for name in FIELDS & found.keys()}
    identity = safe.get("id")
    return Rejected(
        index=index,
        error=error,
        id=identity,
        fields=safe,
        removed=_removed(found),
        sha256=hashlib.sha256(text).digest(),
    )
