"""Bring rejected events in after all: the same ingestion, under the same id and source."""

import datetime as dt
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any

import msgspec

from usage.ingest import IngestResult, Outcome, ingest
from usage.ingest.event import FIELDS
from usage.ingest.scrub import plain
from usage.models import Quarantined, Replay

_AT_ONCE = 2_000
_ABOUT_THE_ID = frozenset(("id_missing", "id_too_long", "id_whitespace"))


class FieldsError(ValueError):
    """Corrected fields that cannot be sent; says what is accepted."""


def parse_fields(text: str, *, rejected: Quarantined) -> dict[str, Any]:
    """Read corrected fields from JSON, fractions as texts. Raises FieldsError."""
    try:
        fields = plain(text.encode())
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        message = 'This is not JSON; give an object such as {"id": "…", "time": "…"}.'
        raise FieldsError(message) from None
    if not isinstance(fields, dict):
        message = "Give one event: a JSON object."
        raise FieldsError(message)
    if unknown := fields.keys() - FIELDS:
        message = f"{len(unknown)} fields are not accepted; accepted: {', '.join(sorted(FIELDS))}"
        raise FieldsError(message)
    sent = rejected.fields.get("id")
    if rejected.code not in _ABOUT_THE_ID and sent is not None and fields.get("id") != sent:
        message = "The id stays as it was sent: it is what keeps a resend from counting twice."
        raise FieldsError(message)
    return fields


def replay(
    *, corrected: Iterable[tuple[Quarantined, dict[str, Any]]], now: dt.datetime, user: Any = None
) -> list[Replay]:
    """Ingest rejected events with these fields; record and return what became of each.

    The events are committed before the record of it: after a crash in between, replaying again
    answers `duplicate`.
    """
    made: list[Replay] = []
    ordered = sorted(corrected, key=lambda pair: (*_sender(pair[0]), pair[0].pk))
    for _, of_sender in groupby(ordered, key=lambda pair: _sender(pair[0])):
        pairs = list(of_sender)
        for start in range(0, len(pairs), _AT_ONCE):
            made += _replay_some(pairs[start : start + _AT_ONCE], now, user)
    return made


def _sender(rejected: Quarantined) -> tuple[int, str]:
    """Return its source and the name of the key it came with."""
    key = rejected.batch.api_key
    return rejected.batch.source_id, key.name if key else ""


def _replay_some(
    some: Sequence[tuple[Quarantined, dict[str, Any]]], now: dt.datetime, user: Any
) -> list[Replay]:
    source = some[0][0].batch.source
    body = msgspec.json.encode([fields for _, fields in some])
    name = _sender(some[0][0])[1]
    result = ingest(body, source=source, received_at=now, key_name=name)
    errors = {one.index: one.error for one in result.rejected}
    return Replay.objects.bulk_create(
        Replay(
            rejected=rejected,
            batch_id=result.batch_id,
            replayed_at=now,
            replayed_by=user,
            outcome=_outcome(result, index),
            code=errors[index].code if index in errors else "",
            detail=errors[index].detail if index in errors else "",
        )
        for index, (rejected, _) in enumerate(some)
    )


def _outcome(result: IngestResult, index: int) -> str:
    return str(result.outcomes.get(index, Outcome.REJECTED))
