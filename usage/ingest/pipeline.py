"""The one domain call of every door: decode, normalise, intern, store, answer."""

import datetime as dt
import hashlib
import time

import msgspec
from django.conf import settings
from django.db import OperationalError, connection, transaction

from usage.ingest.answer import IngestResult, Outcome
from usage.ingest.decode import Decoded, Rejected, decode
from usage.ingest.errors import EventError
from usage.ingest.event import Event
from usage.ingest.intern import context_ids
from usage.ingest.normalise import Circumstances, NormalEvent, normalise
from usage.ingest.store import store
from usage.models import ApiKey, Quarantined, Source, UsageBatch, UsageBatchMonth

_RETRIED = frozenset(("40P01", "40001"))
_ATTEMPTS = 4


def ingest(
    body: bytes, *, source: Source, received_at: dt.datetime, api_key: ApiKey | None = None
) -> IngestResult:
    """Take a body of events; when this returns, what it calls stored is committed.

    Raises BodyError if the body is no list of events, OperationalError if the database cannot
    take it now: in both cases nothing was stored.
    """
    decoded = decode(body)
    events = _normal_events(decoded, received_at)
    contexts = context_ids(
        source.pk, (line.circumstances for event in events for line in event.lines)
    )
    for attempt in range(_ATTEMPTS):
        try:
            return _commit(decoded, events, contexts, source, api_key, received_at)
        except OperationalError as error:
            state = getattr(error.__cause__, "sqlstate", None)
            if state not in _RETRIED or attempt == _ATTEMPTS - 1:
                raise
            time.sleep(0.01 * 2**attempt)
    raise AssertionError


def _normal_events(decoded: Decoded, now: dt.datetime) -> list[NormalEvent]:
    oldest = now - dt.timedelta(days=366 * settings.USAGE_RETENTION_YEARS)
    events = []
    for index, event in decoded.events:
        try:
            events.append(normalise(index, event, now=now, oldest=oldest))
        except EventError as error:
            decoded.rejected.append(_rejected(index, event, error))
        except UnicodeEncodeError:
            decoded.rejected.append(_rejected(index, event, EventError("invalid_text")))
    return events


def _rejected(index: int, event: Event, error: EventError) -> Rejected:
    sent = msgspec.json.encode(event)
    fields = {name: value for name, value in msgspec.json.decode(sent).items() if value is not None}
    sha256 = hashlib.sha256(sent).digest()
    return Rejected(index=index, error=error, id=event.id, fields=fields, sha256=sha256)


@transaction.atomic
def _commit(
    decoded: Decoded,
    events: list[NormalEvent],
    contexts: dict[Circumstances, int],
    source: Source,
    api_key: ApiKey | None,
    received_at: dt.datetime,
) -> IngestResult:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('usage_usagebatch_id_seq')")
        batch_id: int = (cursor.fetchone() or (0,))[0]
    stored = store(events, batch_id=batch_id, source_id=source.pk, contexts=contexts)
    result = IngestResult(
        received=decoded.received,
        ids={event.index: event.id for event in events},
        outcomes=dict(sorted(stored.outcomes.items())),
        rejected=sorted(decoded.rejected, key=lambda rejected: rejected.index),
        warnings=_warnings(decoded),
    )
    # The batch comes last, with its final counts: nobody may update it.
    UsageBatch(
        pk=batch_id,
        source=source,
        api_key=api_key,
        received_at=received_at,
        received=decoded.received,
        **{str(outcome): result.count(outcome) for outcome in Outcome},
    ).save(force_insert=True)
    UsageBatchMonth.objects.bulk_create(
        [
            UsageBatchMonth(batch_id=batch_id, usage_month=month, posting_month=posting)
            for month, posting in sorted(stored.months.items())
        ]
    )
    result.quarantine = _quarantine(batch_id, result.rejected)
    return result


def _quarantine(batch_id: int, rejected: list[Rejected]) -> dict[int, int]:
    rows = Quarantined.objects.bulk_create(
        [
            Quarantined(
                batch_id=batch_id,
                index=one.index,
                code=one.error.code,
                pointer=one.error.pointer,
                detail=one.error.detail,
                fields=_storable(one.fields),
                removed=one.removed,
                sha256=one.sha256,
            )
            for one in rejected
        ]
    )
    return {row.index: row.pk for row in rows}


def _storable(fields: dict[str, object]) -> dict[str, object]:
    """Spell NUL, which PostgreSQL cannot hold, as its picture."""
    text = msgspec.json.encode(fields).replace(b"\\u0000", "␀".encode())
    found: dict[str, object] = msgspec.json.decode(text)
    return found


def _warnings(decoded: Decoded) -> list[dict[str, object]]:
    warnings: list[dict[str, object]] = [
        {"code": "unknown_field", "field": name, "events": count}
        for name, count in sorted(decoded.unknown.items())[:20]
    ]
    if decoded.content:
        detail = "Fields that may hold content were discarded unread; please do not send them."
        warnings.append({"code": "content_discarded", "events": decoded.content, "detail": detail})
    return warnings
