"""Store events: one optimistic binary COPY; on a resend a temp table and ON CONFLICT."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.db import IntegrityError, connection, transaction

from usage.ingest.answer import Outcome
from usage.ingest.normalise import NormalEvent
from usage.ingest.posting import lock_months, posting_month
from usage.ingest.rows import COLUMNS, HEADER, TRAILER, pack

_LIST = ", ".join(COLUMNS)


@dataclass(slots=True)
class Stored:
    """What became of each event, by its index, and the months of those stored."""

    outcomes: dict[int, Outcome] = field(default_factory=dict)
    months: dict[dt.date, dt.date] = field(default_factory=dict)


def store(
    events: Sequence[NormalEvent],
    *,
    batch_id: int,
    source_id: int,
    contexts: dict[Any, int],
) -> Stored:
    """Store the events inside the caller's transaction, each at most once for ever.

    Within the request the first of an identity wins. Rows are sorted by key, so two writers
    meet the same rows in the same order.
    """
    result = Stored()
    first = _first_of_each(events, result)
    ordered = sorted(first.values(), key=lambda event: event.key)
    usage_months = {_month(event.occurred_at) for event in ordered}
    lock_months(usage_months)
    result.months = {month: posting_month(month) for month in usage_months}
    rows = [
        (event, number, pack(
            event, line, number=number, source_id=source_id, batch_id=batch_id,
            context=contexts[line.circumstances],
        ))
        for event in ordered
        for number, line in enumerate(event.lines)
    ]  # fmt: skip
    try:
        with transaction.atomic():
            _copy("usage_usageevent", [row for _, _, row in rows])
        result.outcomes |= {event.index: Outcome.STORED for event in ordered}
    except IntegrityError:
        result.outcomes |= _store_new(ordered, rows, source_id)
    return result


def _first_of_each(events: Sequence[NormalEvent], result: Stored) -> dict[bytes, NormalEvent]:
    first: dict[bytes, NormalEvent] = {}
    for event in events:
        before = first.setdefault(event.key, event)
        if before is not event:
            same = before.fingerprint == event.fingerprint
            result.outcomes[event.index] = Outcome.DUPLICATE if same else Outcome.CONFLICT
    return first


def _month(moment: dt.datetime) -> dt.date:
    return moment.astimezone(settings.REPORTING_ZONE).date().replace(day=1)


def _copy(table: str, rows: list[bytes]) -> None:
    with connection.cursor() as cursor:
        copy = f"COPY {table} ({_LIST}) FROM STDIN (FORMAT BINARY)"
        with connection.wrap_database_errors, cursor.cursor.copy(copy) as stream:
            stream.write(HEADER + b"".join(rows) + TRAILER)


def _store_new(
    events: Sequence[NormalEvent], rows: list[tuple[NormalEvent, int, bytes]], source_id: int
) -> dict[int, Outcome]:
    """Insert what is not there yet; compare fingerprints of what is.

    The first line decides for the whole event, so that a conflicting resend with more lines
    adds none. Uses index: the unique key of usage_usageevent.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMP TABLE IF NOT EXISTS usage_incoming "
            "(LIKE usage_usageevent) ON COMMIT DELETE ROWS"
        )
        cursor.execute("TRUNCATE usage_incoming")
        _copy("usage_incoming", [row for _, _, row in rows])
        cursor.execute(
            f"INSERT INTO usage_usageevent ({_LIST}) SELECT {_LIST} FROM usage_incoming "  # noqa: S608
            "WHERE line = 0 ORDER BY key ON CONFLICT DO NOTHING RETURNING key"
        )
        new = {row[0].bytes for row in cursor.fetchall()}
        cursor.execute(
            f"INSERT INTO usage_usageevent ({_LIST}) SELECT {_LIST} FROM usage_incoming "  # noqa: S608
            "WHERE line > 0 AND key = ANY(%s::uuid[]) ORDER BY key, line",
            [[key.hex() for key in new]],
        )
        cursor.execute(
            "SELECT e.key, e.fingerprint FROM usage_usageevent e JOIN usage_incoming i "
            "ON i.key = e.key WHERE e.source_id = %s AND e.line = 0 AND i.line = 0",
            [source_id],
        )
        fingerprints = {key.bytes: mark.bytes for key, mark in cursor.fetchall()}
    return {event.index: _outcome(event, new, fingerprints) for event in events}


def _outcome(event: NormalEvent, new: set[bytes], fingerprints: dict[bytes, bytes]) -> Outcome:
    if event.key in new:
        return Outcome.STORED
    same = fingerprints[event.key] == event.fingerprint
    return Outcome.DUPLICATE if same else Outcome.CONFLICT
