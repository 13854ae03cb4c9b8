"""What an SDK says with a batch: kept per process, so that what is missing can be counted.

The same statement twice, late or out of order leaves the same row: numbers are joined, counters
take the greater value.
"""

import datetime as dt
import struct
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec
from django.db import connection

from usage.ingest.decoded import Rejected
from usage.ingest.errors import EventError
from usage.ingest.identity import event_key
from usage.ingest.normalise import NormalEvent
from usage.models.sdk import MAX_NUMBER, written

MAX_PROCESSES = 20_000  # of a source
_MAX_BYTES = 32 * 1024  # of a process's numbers: thousands of pieces
# Of an id: its instant, its process, its number.
_KEY = struct.Struct(">6x6sI")
# Raw SQL: one round trip, whether the process is known or new; a new one only below the limit.
# Uses index: unique (source, process).
_NOTE = """
    WITH known AS (
        UPDATE usage_sdkprocess AS p SET
            created = greatest(p.created, %(created)s),
            arrived = CASE WHEN p.is_scattered THEN p.arrived
                      ELSE p.arrived + %(arrived)s::int8multirange END,
            is_scattered = p.is_scattered OR pg_column_size(p.arrived) > %(most_bytes)s,
            dropped = CASE WHEN %(dropped)s::jsonb = '{}' THEN p.dropped ELSE (
                SELECT jsonb_object_agg(reason, most) FROM (
                    SELECT reason, max(events::bigint) AS most FROM (
                        SELECT * FROM jsonb_each_text(p.dropped)
                        UNION ALL SELECT * FROM jsonb_each_text(%(dropped)s::jsonb)
                    ) AS each (reason, events) GROUP BY reason
                ) AS merged) END,
            ended_at = coalesce(p.ended_at, %(ended_at)s),
            first_seen_at = least(p.first_seen_at, %(now)s),
            last_seen_at = greatest(p.last_seen_at, %(now)s)
        WHERE p.source_id = %(source)s AND p.process = %(process)s RETURNING 1
    )
    INSERT INTO usage_sdkprocess AS p (source_id, process, version, created, arrived, dropped,
                                       first_seen_at, last_seen_at, ended_at, is_scattered)
    SELECT %(source)s, %(process)s, %(version)s, %(created)s, %(arrived)s::int8multirange,
           %(dropped)s::jsonb, %(now)s, %(now)s, %(ended_at)s, false
    WHERE CASE WHEN EXISTS (SELECT FROM known) THEN false ELSE %(most)s > (
        SELECT count(*) FROM usage_sdkprocess WHERE source_id = %(source)s) END
    ON CONFLICT (source_id, process) DO UPDATE SET
        created = greatest(p.created, EXCLUDED.created),
        arrived = p.arrived + EXCLUDED.arrived,
        dropped = p.dropped || EXCLUDED.dropped,
        ended_at = coalesce(p.ended_at, EXCLUDED.ended_at),
        last_seen_at = greatest(p.last_seen_at, EXCLUDED.last_seen_at)
"""
# Raw SQL: numbers of many processes at once, in the order of their keys, so that two of these
# never wait for each other. Uses index: unique (source, process).
_NOTE_KNOWN = """
    WITH found AS (
        SELECT p.id, sent.arrived
        FROM unnest(%(processes)s::text[], %(arrived)s::int8multirange[]) AS sent (process, arrived)
        JOIN usage_sdkprocess p ON p.source_id = %(source)s AND p.process = sent.process
        WHERE NOT p.is_scattered ORDER BY p.process FOR UPDATE OF p
    )
    UPDATE usage_sdkprocess AS p SET
        created = greatest(p.created, upper(found.arrived)), arrived = p.arrived + found.arrived
    FROM found WHERE p.id = found.id
"""


@dataclass(frozen=True, slots=True)
class Said:
    """Who sends, and the process's own figures; `ended`: nothing more of it waits anywhere."""

    process: str
    version: str = ""
    created: int = 0
    dropped: Mapping[str, int] = field(default_factory=dict)
    ended: bool = False


def note(
    said: Said,
    *,
    source_id: int,
    events: Iterable[NormalEvent] = (),
    rejected: Iterable[Rejected] = (),
    now: dt.datetime,
) -> None:
    """Note which numbers of the process arrived, rejected ones too, and what it says of itself."""
    process = bytes.fromhex(said.process.replace("-", ""))
    ranges = joined([number for name, number in _numbered(events, rejected) if name == process])
    values: dict[str, Any] = {
        "source": source_id,
        "process": said.process,
        "version": said.version,
        "created": min(max([said.created, *(last + 1 for _, last in ranges)]), MAX_NUMBER),
        "arrived": written(ranges),
        "dropped": msgspec.json.encode(said.dropped).decode(),
        "ended_at": now if said.ended else None,
        "now": now,
        "most": MAX_PROCESSES,
        "most_bytes": _MAX_BYTES,
    }
    with connection.cursor() as cursor:
        cursor.execute(_NOTE, values)


def note_known(*, source_id: int, ids: Iterable[str]) -> None:
    """Note ids that came by another way than from the SDK: a file may hold what it could not send.

    Only processes that are known are looked for.
    """
    found: dict[bytes, list[int]] = {}
    for process, number in _KEY.iter_unpack(b"".join(filter(None, map(_key, ids)))):
        found.setdefault(process, []).append(number)
    if not found:
        return
    values: dict[str, Any] = {
        "source": source_id,
        "processes": list(map(_name, found)),
        "arrived": [written(joined(numbers)) for numbers in found.values()],
    }
    with connection.cursor() as cursor:
        cursor.execute(_NOTE_KNOWN, values)


def _numbered(
    events: Iterable[NormalEvent], rejected: Iterable[Rejected]
) -> Iterator[tuple[bytes, int]]:
    keys = [event.key for event in events]
    keys += filter(None, (_key(one.id) for one in rejected))
    return _KEY.iter_unpack(b"".join(keys))


def _key(name: str | None) -> bytes | None:
    try:
        return event_key(name or "")
    except (EventError, UnicodeEncodeError):
        return None


def _name(process: bytes) -> str:
    text = process.hex()
    return f"{text[:4]}-{text[4:8]}-{text[8:]}"


def joined(numbers: Iterable[int]) -> list[tuple[int, int]]:
    """Return numbers as ranges, first and last included, in order."""
    ordered = sorted(set(numbers))
    if ordered and ordered[-1] - ordered[0] == len(ordered) - 1:
        return [(ordered[0], ordered[-1])]
    found: list[tuple[int, int]] = []
    for number in ordered:
        if found and found[-1][1] == number - 1:
            found[-1] = (found[-1][0], number)
        else:
            found.append((number, number))
    return found
