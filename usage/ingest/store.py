"""Store events: one optimistic binary COPY; of a resend a temp table and ON CONFLICT."""

from collections.abc import Mapping, Sequence

from django.db import connection

from usage.ingest.answer import Outcome
from usage.ingest.circumstances import Circumstances
from usage.ingest.normalise import NormalEvent
from usage.ingest.rows import COLUMNS, HEADER, TRAILER, pack

_LIST = ", ".join(COLUMNS)


def store(
    events: Sequence[NormalEvent],
    *,
    batch_id: int,
    source_id: int,
    contexts: Mapping[Circumstances, int],
    resent: bool,
) -> dict[int, Outcome]:
    """Store the events inside the caller's transaction, each at most once for ever.

    Unless told that some were `resent` it expects none to be there: one COPY, and IntegrityError
    if one is. The transaction is lost then, to be run again with `resent`. Within the request the
    first of an identity wins. Rows are sorted by key, so two writers meet the same rows in the
    same order.
    """
    ordered, outcomes = _first_of_each(events)
    rows = [
        pack(event, line, number, source_id, batch_id, contexts[line.circumstances])
        for event in ordered
        for number, line in enumerate(event.lines)
    ]
    if resent:
        return outcomes | _store_new(ordered, rows, source_id)
    _copy("usage_usageevent", rows)
    return outcomes | {event.index: Outcome.STORED for event in ordered}


def _first_of_each(
    events: Sequence[NormalEvent],
) -> tuple[list[NormalEvent], dict[int, Outcome]]:
    """Return the first event of each identity, sorted by it, and the fate of the others."""
    first: dict[bytes, NormalEvent] = {}
    others: dict[int, Outcome] = {}
    for event in events:
        before = first.setdefault(event.key, event)
        if before is not event:
            same = before.fingerprint == event.fingerprint
            others[event.index] = Outcome.DUPLICATE if same else Outcome.CONFLICT
    return [first[key] for key in sorted(first)], others


def _copy(table: str, rows: list[bytes]) -> None:
    with connection.cursor() as cursor:
        copy = f"COPY {table} ({_LIST}) FROM STDIN (FORMAT BINARY)"
        with connection.wrap_database_errors, cursor.cursor.copy(copy) as stream:
            stream.write(HEADER + b"".join(rows) + TRAILER)


def _store_new(
    events: Sequence[NormalEvent], rows: list[bytes], source_id: int
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
        _copy("usage_incoming", rows)
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
