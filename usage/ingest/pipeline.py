"""The one domain call of every door: decode, normalise, intern, store, answer."""

import datetime as dt
import hashlib
import time

import msgspec
from django.conf import settings
from django.db import OperationalError, connection, transaction

from usage.ingest.answer import IngestResult, Outcome
from usage.ingest.conflicts import keep_conflicts
from usage.ingest.decode import Decoded, Rejected, decode
from usage.ingest.errors import EventError
from usage.ingest.event import Event
from usage.ingest.intern import context_ids
from usage.ingest.normalise import Circumstances, NormalEvent, normalise
from usage.ingest.protect import protect
from usage.ingest.scrub import scrub, sent_fields
from usage.ingest.store import store
from usage.ingest.tags import Pair, keep_beside, limit_tags
from usage.models import ApiKey, BatchAlert, Quarantined, Source, UsageBatch, UsageBatchMonth

_RETRIED = frozenset(("40P01", "40001"))
_ATTEMPTS = 4
_ALERTED = {
    "content_discarded": "Fields that may hold content were discarded unread; do not send them.",
    "secret_like": "Tag values that look like keys or card numbers were redacted; send none.",
    "personal_data": "Customers that look like e-mail addresses or phone numbers; send ids.",
    "tag_overflow": "Tags past 10,000 values of a key or 200 keys are kept beside the context.",
}


def ingest(
    body: bytes, *, source: Source, received_at: dt.datetime, api_key: ApiKey | None = None
) -> IngestResult:
    """Take a body of events; when this returns, what it calls stored is committed.

    Raises BodyError if the body is no list of events, OperationalError if the database cannot
    take it now: in both cases nothing was stored.
    """
    decoded = decode(body)
    protect(decoded)
    events = _normal_events(decoded, received_at)
    beyond = limit_tags(events, now=received_at)
    decoded.alert(BatchAlert.Code.TAGS, len(beyond))
    contexts = context_ids(
        source.pk, (line.circumstances for event in events for line in event.lines)
    )
    for attempt in range(_ATTEMPTS):
        try:
            return _commit(decoded, events, contexts, beyond, source, api_key, received_at)
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
            decoded.rejected.append(_rejected(index, event, error, decoded))
        except UnicodeEncodeError:
            unreadable = EventError("invalid_text")
            decoded.rejected.append(_rejected(index, event, unreadable, decoded))
    return events


def _rejected(index: int, event: Event, error: EventError, decoded: Decoded) -> Rejected:
    sha256 = hashlib.sha256(msgspec.json.encode(event)).digest()
    fields = sent_fields(event)
    return Rejected(
        index=index,
        error=error,
        id=event.id,
        fields=fields,
        removed=decoded.removed.get(index, []),
        sha256=sha256,
    )


@transaction.atomic
def _commit(
    decoded: Decoded,
    events: list[NormalEvent],
    contexts: dict[Circumstances, int],
    beyond: dict[int, list[Pair]],
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
        batch_id=batch_id,
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
    keep_conflicts(
        batch_id=batch_id,
        source_id=source.pk,
        decoded=decoded,
        events=events,
        outcomes=stored.outcomes,
    )
    if beyond:
        new = [event for event in events if stored.outcomes[event.index] is Outcome.STORED]
        keep_beside(new, beyond, source.pk)
    if decoded.alerts:
        BatchAlert.objects.bulk_create(
            BatchAlert(batch_id=batch_id, code=code, events=count)
            for code, count in decoded.alerts.items()
        )
    return result


def _quarantine(batch_id: int, rejected: list[Rejected]) -> dict[int, int]:
    return {
        row.index: row.pk
        for row in Quarantined.objects.bulk_create(_kept(batch_id, one) for one in rejected)
    }


def _kept(batch_id: int, one: Rejected) -> Quarantined:
    fields, removed = scrub(one.fields)
    return Quarantined(
        batch_id=batch_id,
        index=one.index,
        code=one.error.code,
        pointer=one.error.pointer,
        detail=one.error.detail,
        fields=_storable(fields),
        removed=sorted({*one.removed, *removed}),
        sha256=one.sha256,
    )


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
    warnings += [
        {"code": code, "events": count, "detail": _ALERTED[code]}
        for code, count in sorted(decoded.alerts.items())
    ]
    return warnings
