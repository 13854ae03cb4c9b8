"""The one domain call of every door: decode, normalise, intern, store, answer."""

import datetime as dt
import hashlib
import time
from collections.abc import Mapping
from dataclasses import dataclass

import msgspec
from django.conf import settings
from django.db import IntegrityError, OperationalError, transaction

from tknops.durability import require_durable
from usage.ingest.answer import IngestResult, Outcome
from usage.ingest.batch import begin_batch, record_batch
from usage.ingest.circumstances import Circumstances
from usage.ingest.conflicts import keep_conflicts
from usage.ingest.decode import decode
from usage.ingest.decoded import Decoded, Rejected
from usage.ingest.errors import EventError
from usage.ingest.event import Event
from usage.ingest.intern import context_ids
from usage.ingest.moment import AHEAD
from usage.ingest.normalise import NormalEvent, normalise
from usage.ingest.posting import usage_month, usage_months
from usage.ingest.protect import protect
from usage.ingest.quarantine import quarantine
from usage.ingest.said import Said, note
from usage.ingest.scrub import sent_fields
from usage.ingest.store import store
from usage.ingest.tags import Pair, keep_beside, limit_tags
from usage.models import ApiKey, BatchAlert, Source

_RETRIED = frozenset(("40P01", "40001"))
_ATTEMPTS = 4
_ALERTED = {
    "content_discarded": "Fields that may hold content were discarded unread; do not send them.",
    "secret_like": "Tag values that look like keys or card numbers were redacted; send none.",
    "personal_data": "Customers that look like e-mail addresses or phone numbers; send ids.",
    "tag_overflow": "Tags past 10,000 values of a key or 200 keys are kept beside the context.",
}


@dataclass(frozen=True, slots=True)
class _Work:
    """A request, normalised and interned, ready to be committed."""

    decoded: Decoded
    events: list[NormalEvent]
    contexts: Mapping[Circumstances, int]
    beyond: Mapping[int, list[Pair]]
    source: Source
    api_key: ApiKey | None
    received_at: dt.datetime
    said: Said | None


def ingest(
    body: bytes,
    *,
    source: Source,
    received_at: dt.datetime,
    api_key: ApiKey | None = None,
    key_name: str = "",
) -> IngestResult:
    """Take a body of native events. Raises BodyError if it is none, and what `take` raises."""
    return take(
        decode(body), source=source, received_at=received_at, api_key=api_key, key_name=key_name
    )


def take(
    decoded: Decoded,
    *,
    source: Source,
    received_at: dt.datetime,
    api_key: ApiKey | None = None,
    key_name: str = "",
    said: Said | None = None,
) -> IngestResult:
    """Take the events of any door; when this returns, what it calls stored is committed.

    The contexts note the name of the key; `key_name` says it of events sent with one before.
    `said` is what an SDK tells with them, or with none.

    Raises OperationalError if the database cannot take them now: then nothing was stored.
    """
    if not decoded.received and not decoded.ignored:
        if said is not None:
            note(said, source_id=source.pk, now=received_at)
        return IngestResult(received=0, ids={}, outcomes={}, rejected=[])
    require_durable()
    protect(decoded)
    events = normal_events(decoded, received_at)
    beyond = limit_tags(events, now=received_at)
    decoded.alert(BatchAlert.Code.TAGS, len(beyond))
    sender = source.pk, api_key.name if api_key else key_name
    contexts = context_ids(sender, (line.circumstances for event in events for line in event.lines))
    work = _Work(decoded, events, contexts, beyond, source, api_key, received_at, said)
    try:
        return _retried(work, resent=False)
    except IntegrityError:
        # One of them is in the ledger already; nothing of the attempt is left.
        return _retried(work, resent=True)


def _retried(work: _Work, *, resent: bool) -> IngestResult:
    """Commit, again after a deadlock: PostgreSQL ends one of those in it."""
    for attempt in range(_ATTEMPTS):
        try:
            return _commit(work, resent=resent)
        except OperationalError as error:
            state = getattr(error.__cause__, "sqlstate", None)
            if state not in _RETRIED or attempt == _ATTEMPTS - 1:
                raise
            time.sleep(0.01 * 2**attempt)
    raise AssertionError


def normal_events(decoded: Decoded, now: dt.datetime) -> list[NormalEvent]:
    """Normalise what was decoded; what cannot be joins the rejected."""
    latest, oldest = now + AHEAD, now - dt.timedelta(days=366 * settings.USAGE_RETENTION_YEARS)
    events = []
    for index, event in decoded.events:
        try:
            normal = normalise(index, event, latest=latest, oldest=oldest)
        except EventError as error:
            decoded.rejected.append(_rejected(index, event, error, decoded))
        except UnicodeEncodeError:
            unreadable = EventError("invalid_text")
            decoded.rejected.append(_rejected(index, event, unreadable, decoded))
        else:
            events.append(normal)
    if decoded.keys or decoded.flags:
        _mark(events, decoded)
    return events


def _mark(events: list[NormalEvent], decoded: Decoded) -> None:
    """Give events the identity and the flags their wire knows of."""
    for event in events:
        event.key = decoded.keys.get(event.index, event.key)
        flags = decoded.flags.get(event.index, 0)
        if flags:
            for line in event.lines:
                marked = line.quantities.flags | flags
                line.quantities = msgspec.structs.replace(line.quantities, flags=marked)


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
def _commit(work: _Work, *, resent: bool) -> IngestResult:
    """Write all of a request in one transaction. Raises IntegrityError unless `resent`."""
    decoded, events, source_id = work.decoded, work.events, work.source.pk
    months = usage_months((event.occurred_at for event in events), settings.REPORTING_ZONE)
    batch_id = begin_batch(months)
    outcomes = store(
        events, batch_id=batch_id, source_id=source_id, contexts=work.contexts, resent=resent
    )
    result = IngestResult(
        received=decoded.received,
        ids={event.index: event.id for event in events},
        outcomes=dict(sorted(outcomes.items())),
        rejected=sorted(decoded.rejected, key=lambda rejected: rejected.index),
        warnings=_warnings(decoded),
        ignored=decoded.ignored,
        batch_id=batch_id,
    )
    closed = record_batch(
        result,
        source=work.source,
        api_key=work.api_key,
        received_at=work.received_at,
        months=months,
    )
    if closed:
        zone = settings.REPORTING_ZONE
        result.late = {
            event.index for event in events if usage_month(event.occurred_at, zone) in closed
        }
    if result.rejected:
        result.quarantine = quarantine(batch_id, result.rejected)
    if result.count(Outcome.CONFLICT):
        keep_conflicts(
            batch_id=batch_id,
            source_id=source_id,
            decoded=decoded,
            events=events,
            outcomes=outcomes,
        )
    if work.beyond:
        new = [event for event in events if outcomes[event.index] is Outcome.STORED]
        keep_beside(new, work.beyond, source_id)
    if decoded.alerts:
        BatchAlert.objects.bulk_create(
            BatchAlert(batch_id=batch_id, code=code, events=count)
            for code, count in decoded.alerts.items()
        )
    if work.said is not None:  # last, so that the row of its process is locked briefly
        note(
            work.said,
            source_id=source_id,
            events=events,
            rejected=result.rejected,
            now=work.received_at,
        )
    return result


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
