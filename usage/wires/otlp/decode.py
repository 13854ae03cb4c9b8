"""An export request → events of its leaf inference spans; the rest is counted by reason."""

import hashlib
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import msgspec

from usage.ingest import Decoded, EventError, Rejected
from usage.ingest.lengths import check_lengths
from usage.wires.otlp.encodings import (
    JSON,
    PROTOBUF,
    Encoding,
    identity,
    parse_json,
    parse_protobuf,
    read_span,
    resources,
)
from usage.wires.otlp.leaves import Place, around, repeated
from usage.wires.otlp.picking import Found, Pick, picker
from usage.wires.otlp.span import ERROR, is_call, record, told
from usage.wires.otlp.table import CONTAINERS, GENERATIVE, QUANTITIES
from usage.wires.otlp.twins import Told, twins
from usage.wires.otlp.whose import adopt
from usage.wires.records import Record, add, refused


def decode_protobuf(body: bytes) -> Decoded:
    """Decode a request in protobuf. Raises BodyError."""
    return _Reading(PROTOBUF).decode(parse_protobuf(body))


def decode_json(body: bytes) -> Decoded:
    """Decode a request in JSON. Raises BodyError."""
    return _Reading(JSON).decode(parse_json(body)) if body.strip() else Decoded(0, [])


@dataclass(slots=True)
class _Call:
    index: int
    place: Place
    record: Record
    scope: str
    span: Any
    found: Found

    @property
    def uses(self) -> bool:
        return bool(bytes(self.record.event.usage))

    def told(self) -> Told:
        return told(
            self.span,
            index=self.index,
            scope=self.scope,
            found=self.found,
            event=self.record.event,
        )


@dataclass(slots=True)
class _Reading:
    """One request being read."""

    encoding: Encoding
    calls: list[_Call] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    ignored: Counter[str] = field(default_factory=Counter)

    def decode(self, request: Any) -> Decoded:
        pick = picker(self.encoding.value)
        index = 0
        spans: list[Any] = []
        for attributes, scope, scoped in resources(request):
            base = pick(attributes)
            for span in scoped:
                self._take(index, span, scope, base, pick)
                index += 1
            spans += scoped
        return self._decoded(spans)

    def _take(self, index: int, span: Any, scope: str, base: Found, pick: Pick) -> None:
        if isinstance(span, msgspec.Raw):
            try:
                span = read_span(span)
            except (msgspec.MsgspecError, UnicodeDecodeError) as error:
                known = EventError("wrong_type", detail=str(error)[:300])
                self.rejected.append(refused(index, known, bytes(span)))
                return
        try:
            found = pick(span.attributes or ())
            reason = _ignored(span, found)
            if reason:
                self.ignored[reason] += 1
                return
            trace, own = identity(span, self.encoding)
            made = record(span, trace=trace, own=own, found={**base, **found})
            check_lengths(made.event)
        except EventError as error:
            self.rejected.append(self._refused(index, error, span))
        else:
            self.calls.append(_Call(index, (trace, own), made, scope, span, found))

    def _refused(self, index: int, error: EventError, span: Any) -> Rejected:
        """Keep of a refused span its id and what it was digested to, no value."""
        try:
            name = "/".join(part.hex() for part in identity(span, self.encoding))
        except EventError:
            name = None
        sha256 = hashlib.sha256(self.encoding.encode(span)).digest()
        return Rejected(index, error, id=name, sha256=sha256)

    def _decoded(self, spans: list[Any]) -> Decoded:
        repeats = self._repeats(spans) if len(self.calls) > 1 else {}
        decoded = Decoded(0, [], rejected=self.rejected)
        for call in self.calls:
            if call.index in repeats:
                self.ignored[repeats[call.index]] += 1
            else:
                add(decoded, call.index, call.record)
        decoded.received = len(decoded.events) + len(decoded.rejected)
        decoded.ignored = dict(self.ignored)
        return decoded

    def _repeats(self, spans: list[Any]) -> dict[int, str]:
        """Say which calls others tell better, and why; those get what is known of whose it is."""
        parents = self._parents(spans)
        at = {call.place: call for call in self.calls}
        using = {call.place for call in self.calls if call.uses}
        outer = repeated(using, parents)
        if len(using) < len(at):
            # One that failed before it used anything is repeated by any call below it.
            outer |= repeated(at, parents) - using
        inner = [call for call in self.calls if call.place not in outer]
        known: dict[Place, Place | None] = {}
        for call in inner if outer else ():
            for place in around(call.place, parents, outer, known):
                adopt(call.record.event, at[place].record.event)
        above = {call.index: "ignored_parent" for call in self.calls if call.place in outer}
        return above | dict.fromkeys(self._twins(inner), "told_twice")

    def _twins(self, calls: list[_Call]) -> set[int]:
        if len({call.scope for call in calls}) < 2:
            return set()
        event = {call.index: call.record.event for call in calls}
        pairs = twins(call.told() for call in calls)
        for outer, inner in pairs:
            adopt(event[inner.index], event[outer.index])
        return {outer.index for outer, _ in pairs}

    def _parents(self, spans: list[Any]) -> dict[Place, bytes]:
        parents: dict[Place, bytes] = {}
        for span in spans:
            try:
                parsed = read_span(span) if isinstance(span, msgspec.Raw) else span
                if parsed.parent_span_id:
                    above = self.encoding.identity(parsed.parent_span_id, 8)
                    parents[identity(parsed, self.encoding)] = above
            except (EventError, msgspec.MsgspecError, UnicodeDecodeError):
                continue
        return parents


def _ignored(span: Any, found: Found) -> str:
    """Say why a span is no priced call; '' if it is one."""
    if not GENERATIVE & found.keys():
        return "not_generative"
    operation = str(found.get("operation", "")).lower()
    if operation in CONTAINERS:
        return "not_inference"
    if QUANTITIES & found.keys() or "cost" in found:
        return ""
    failed = span.status is not None and span.status.code == ERROR
    return "" if failed and is_call(operation) else "no_usage"
