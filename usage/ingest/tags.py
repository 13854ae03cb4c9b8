"""Tags within limits: a key with ever new values would make every event its own context.

Past MAX_VALUES distinct values of a key, or MAX_KEYS keys in the installation, a new value is
kept beside the event and its context says `_other`: totals stay, contexts stop growing. Only a
combination of tags this process has not seen asks the database, once per request.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence

from django.db import connection, transaction
from django.db.models import F

from usage.ingest.normalise import NormalEvent
from usage.models import EventTag, TagKey, TagValue

MAX_KEYS, MAX_VALUES = 200, 10_000
OTHER = "_other"
_LIMIT = 200_000
_LOCK = 0x746B6E07
Pair = tuple[str, str]
_clean: set[tuple[Pair, ...]] = set()


def limit_tags(events: Sequence[NormalEvent], *, now: dt.datetime) -> dict[int, list[Pair]]:
    """Take tags beyond the limits out of the circumstances; return them by event index.

    Fingerprints are of the tags as sent, so a resend stays a duplicate.
    """
    asked = {line.circumstances.tags for event in events for line in event.lines} - _clean
    asked.discard(())
    if not asked:
        return {}
    moved = _admit({pair for tags in asked for pair in tags}, now)
    if len(_clean) > _LIMIT:
        _clean.clear()
    _clean.update(tags for tags in asked if moved.keys().isdisjoint(tags))
    return _move(events, moved) if moved else {}


def forget() -> None:
    """Empty this process's set (the rows were rolled back or the database replaced)."""
    _clean.clear()


def _move(events: Sequence[NormalEvent], moved: dict[Pair, Pair]) -> dict[int, list[Pair]]:
    over: dict[int, list[Pair]] = {}
    for event in events:
        for line in event.lines:
            tags = line.circumstances.tags
            if moved.keys().isdisjoint(tags):
                continue
            over[event.index] = [pair for pair in tags if pair in moved]
            kept = tuple(sorted({moved.get(pair, pair) for pair in tags}))
            line.circumstances = line.circumstances._replace(tags=kept)
    return over


def keep_beside(
    events: Iterable[NormalEvent], over: Mapping[int, list[Pair]], source_id: int
) -> None:
    """Store the tags the contexts of these events could not hold."""
    EventTag.objects.bulk_create(
        EventTag(event_key=event.key.hex(), source_id=source_id, key=key, value=value)
        for event in events
        for key, value in over.get(event.index, ())
    )


def _admit(pairs: set[Pair], now: dt.datetime) -> dict[Pair, Pair]:
    """Admit new values within the limits; return what stands in for each of the others."""
    new = pairs - _admitted(pairs)
    if not new:
        return {}
    counts = dict(TagKey.objects.values_list("key", "distinct_values"))
    if any(_fits(pair, counts) for pair in new):
        counts, new = _admit_some(new)
    full = {key for key, _ in new}
    TagKey.objects.filter(pk__in=full, limited_at=None).update(limited_at=now)
    return {(key, value): (key if key in counts else OTHER, OTHER) for key, value in new}


def _fits(pair: Pair, counts: dict[str, int]) -> bool:
    return counts.get(pair[0], 0) < MAX_VALUES and (pair[0] in counts or len(counts) < MAX_KEYS)


@transaction.atomic
def _admit_some(new: set[Pair]) -> tuple[dict[str, int], set[Pair]]:
    """Admit one process at a time, so that the limits are exact; return the counts and the rest."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
    before = dict(TagKey.objects.values_list("key", "distinct_values"))
    counts, rest, rows = dict(before), set[Pair](), []
    for pair in sorted(new - _admitted(new)):
        if _fits(pair, counts):
            counts[pair[0]] = counts.get(pair[0], 0) + 1
            rows.append(TagValue(key_id=pair[0], value=pair[1]))
        else:
            rest.add(pair)
    TagKey.objects.bulk_create([TagKey(key=key) for key in counts.keys() - before.keys()])
    TagValue.objects.bulk_create(rows, batch_size=2000)
    for key, count in counts.items():
        if added := count - before.get(key, 0):
            TagKey.objects.filter(pk=key).update(distinct_values=F("distinct_values") + added)
    return counts, rest


def _admitted(pairs: set[Pair]) -> set[Pair]:
    """Return those that are known. Raw SQL: a join with arrays. Uses index: the unique one."""
    keys, values = zip(*pairs, strict=True)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT v.key_id, v.value FROM unnest(%s::text[], %s::text[]) AS a (key, value) "
            "JOIN usage_tagvalue v ON v.key_id = a.key AND v.value = a.value",
            [list(keys), list(values)],
        )
        return {(key, value) for key, value in cursor.fetchall()}
