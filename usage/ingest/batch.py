"""The record of one accepted request: its number first, its final counts last."""

import datetime as dt
from collections.abc import Iterable

import msgspec
from django.db import connection

from usage.ingest.answer import IngestResult, Outcome
from usage.ingest.posting import MONTH_LOCKS, lock_number
from usage.models import ApiKey, Source

# Raw SQL: the number of the batch and the locks of its months in one round trip. The months
# are locked in their order and stay so until the commit.
_BEGIN = """
    SELECT nextval('usage_usagebatch_id_seq'), (
        SELECT count(pg_advisory_xact_lock_shared(%s, number)) FROM unnest(%s::int[]) AS number
    )
"""
# Raw SQL: both tables in one round trip, which a request of one event is made of. The function
# sees what is committed now, after the locks: a closed month posts in the first open one.
_RECORD = """
    WITH batch AS (
        INSERT INTO usage_usagebatch (id, source_id, api_key_id, received_at, received, stored,
                                      duplicate, conflict, rejected, ignored)
        VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s::jsonb) RETURNING id
    )
    INSERT INTO usage_usagebatchmonth (batch_id, usage_month, posting_month)
    SELECT batch.id, month, usage_posting_month(month) FROM batch, unnest(%s::date[]) AS month
    RETURNING usage_month, posting_month
"""


def begin_batch(months: Iterable[dt.date]) -> int:
    """Share the lock of each month until the commit and return the number of a new batch."""
    with connection.cursor() as cursor:
        cursor.execute(_BEGIN, [MONTH_LOCKS, [lock_number(month) for month in sorted(months)]])
        number: int = (cursor.fetchone() or (0,))[0]
        return number


def record_batch(
    result: IngestResult,
    *,
    source: Source,
    api_key: ApiKey | None,
    received_at: dt.datetime,
    months: Iterable[dt.date],
) -> set[dt.date]:
    """Write the batch with its final counts, for nobody may update it, and its months.

    Returns the months that are closed: what is of them is posted in the first open one.
    """
    counts = [result.count(outcome) for outcome in Outcome]
    with connection.cursor() as cursor:
        cursor.execute(
            _RECORD,
            [
                result.batch_id,
                source.pk,
                api_key.pk if api_key else None,
                received_at,
                result.received,
                *counts,
                msgspec.json.encode(result.ignored).decode(),
                sorted(months),
            ],
        )
        return {usage for usage, posting in cursor.fetchall() if posting != usage}
