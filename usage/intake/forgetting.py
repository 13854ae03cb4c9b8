"""Forget processes of SDKs all of whose events arrived: what is followed is bounded."""

import datetime as dt

from django.db import connection

from usage.ingest.said import MAX_PROCESSES

KEPT = dt.timedelta(days=90)
_KEPT_WHERE_MANY = dt.timedelta(days=1)
# Raw SQL: containment of a multirange, and the place within the source. Reads the whole table.
_FORGET = """
    DELETE FROM usage_sdkprocess WHERE id IN (
        SELECT id FROM (
            SELECT id, last_seen_at, arrived @> int8range(0, created) AND NOT is_scattered AS whole,
                   row_number() OVER (PARTITION BY source_id ORDER BY last_seen_at DESC) AS place
            FROM usage_sdkprocess
        ) AS ranked
        WHERE whole AND (last_seen_at < %s OR (place > %s AND last_seen_at < %s))
    )
"""


def forget_complete(*, now: dt.datetime) -> int:
    """Forget complete processes not heard of for 90 days, a day where a source has many.

    One that would send again after that begins anew, as if its first events were missing.
    """
    with connection.cursor() as cursor:
        cursor.execute(_FORGET, [now - KEPT, MAX_PROCESSES // 2, now - _KEPT_WHERE_MANY])
        forgotten: int = cursor.rowcount
    return forgotten
