"""How long events take from the call to the ledger, from each source's newest batches."""

import datetime as dt
from dataclasses import dataclass

from django.db import connection

_NEWEST = 20


@dataclass(frozen=True, slots=True)
class Lag:
    """Median and 95th percentile of received − occurred."""

    p50: dt.timedelta
    p95: dt.timedelta


def lags() -> dict[int, Lag]:
    """Return the lag by source id.

    Raw SQL: percentiles, and the newest batches of each source by a lateral join. Uses index:
    (source, id) of the batches; BRIN on the batch id of the events.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT b.source_id,
                   percentile_disc(0.5) WITHIN GROUP (ORDER BY b.received_at - e.occurred_at),
                   percentile_disc(0.95) WITHIN GROUP (ORDER BY b.received_at - e.occurred_at)
            FROM usage_source s
            CROSS JOIN LATERAL (
                SELECT id, source_id, received_at FROM usage_usagebatch
                WHERE source_id = s.id AND stored > 0 ORDER BY id DESC LIMIT %s
            ) b
            JOIN usage_usageevent e ON e.batch_id = b.id AND e.line = 0
            GROUP BY b.source_id
            """,
            [_NEWEST],
        )
        return {source: Lag(p50, p95) for source, p50, p95 in cursor.fetchall()}
