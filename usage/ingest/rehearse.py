"""Say what would become of events, without storing, interning or locking anything."""

import datetime as dt
import uuid
from collections.abc import Sequence

from usage.ingest.answer import IngestResult, Outcome
from usage.ingest.decoded import Decoded
from usage.ingest.normalise import NormalEvent
from usage.ingest.pipeline import normal_events
from usage.ingest.protect import protect
from usage.models import Source, UsageEvent


def rehearse(decoded: Decoded, *, source: Source, received_at: dt.datetime) -> IngestResult:
    """Return the answer `take` would give now. Uses index: the unique key of the ledger."""
    protect(decoded)
    events = normal_events(decoded, received_at)
    return IngestResult(
        received=decoded.received,
        ids={event.index: event.id for event in events},
        outcomes=_outcomes(events, source),
        rejected=sorted(decoded.rejected, key=lambda rejected: rejected.index),
        ignored=decoded.ignored,
    )


def _outcomes(events: Sequence[NormalEvent], source: Source) -> dict[int, Outcome]:
    keys = [uuid.UUID(bytes=event.key) for event in events]
    stored = UsageEvent.objects.filter(key__in=keys, source=source, line=0)
    seen = {key.bytes: mark.bytes for key, mark in stored.values_list("key", "fingerprint")}
    outcomes = {}
    for event in events:
        before = seen.setdefault(event.key, event.fingerprint)
        if before is event.fingerprint:
            outcomes[event.index] = Outcome.STORED
        else:
            same = before == event.fingerprint
            outcomes[event.index] = Outcome.DUPLICATE if same else Outcome.CONFLICT
    return outcomes
