"""Keep what was refused under a known id, so that a person can see what differed."""

from collections.abc import Mapping, Sequence

from usage.ingest.answer import Outcome
from usage.ingest.decoded import Decoded
from usage.ingest.normalise import NormalEvent
from usage.ingest.scrub import scrub, sent_fields
from usage.models import Conflict, UsageEvent


def keep_conflicts(
    *,
    batch_id: int,
    source_id: int,
    decoded: Decoded,
    events: Sequence[NormalEvent],
    outcomes: Mapping[int, Outcome],
) -> None:
    """Store each refused version once, however often it is sent again."""
    refused = [event for event in events if outcomes[event.index] is Outcome.CONFLICT]
    keys = [event.key.hex() for event in refused]
    first = UsageEvent.objects.filter(source_id=source_id, key__in=keys, line=0)
    kept = {key.bytes: mark for key, mark in first.values_list("key", "fingerprint")}
    sent = dict(decoded.events)
    rows = [
        Conflict(
            batch_id=batch_id,
            index=event.index,
            source_id=source_id,
            key=event.key.hex(),
            event_id=event.id,
            kept=kept[event.key],
            refused=event.fingerprint.hex(),
            fields=scrub(sent_fields(sent[event.index]))[0],
        )
        for event in sorted(refused, key=lambda event: (event.key, event.fingerprint))
        if kept[event.key].bytes != event.fingerprint
    ]
    Conflict.objects.bulk_create(rows, ignore_conflicts=True)
