"""The SQL that says where in the cube a line of the ledger belongs: for sums and for lines."""

from collections.abc import Iterable, Sequence
from datetime import datetime, time
from typing import Any

from django.conf import settings
from psycopg import sql

from tknops.calendar import Period
from usage.cube.columns import KEY
from usage.pricing.thresholds import SkuBands
from usage.tokens import INPUT_TOKENS, PRICED

DAY = "(e.occurred_at AT TIME ZONE %(zone)s)::date"
FOLDED = "NOT EXISTS (SELECT FROM usage_unfoldedbatch u WHERE u.batch_id = e.batch_id)"
# HH:MM-HH:MM of a UTC day, half-open; an end before the start runs over midnight.
_IN_WINDOW = """
    CASE WHEN left(t.price_window, 5) <= right(t.price_window, 5)
         THEN to_char(e.occurred_at AT TIME ZONE 'UTC', 'HH24:MI') >= left(t.price_window, 5)
          AND to_char(e.occurred_at AT TIME ZONE 'UTC', 'HH24:MI') < right(t.price_window, 5)
         ELSE to_char(e.occurred_at AT TIME ZONE 'UTC', 'HH24:MI') >= left(t.price_window, 5)
           OR to_char(e.occurred_at AT TIME ZONE 'UTC', 'HH24:MI') < right(t.price_window, 5)
    END
"""
# Asked in a CASE: only lines of the few SKUs with thresholds or windows pay for it.
_BAND = """
    coalesce(CASE WHEN c.sku_id = ANY(%(band_skus)s) THEN (
        SELECT max(t.threshold)
        FROM unnest(%(band_skus)s::bigint[], %(bands)s::bigint[]) AS t(sku_id, threshold)
        WHERE t.sku_id = c.sku_id AND t.threshold < {total_input}
    ) END, 0)
"""
_WINDOW = """
    coalesce(CASE WHEN c.sku_id = ANY(%(window_skus)s) THEN (
        SELECT min(t.price_window)
        FROM unnest(%(window_skus)s::bigint[], %(windows)s::text[]) AS t(sku_id, price_window)
        WHERE t.sku_id = c.sku_id AND {in_window}
    ) END, '')
"""


def columns(names: Iterable[str], template: str, glue: str = ", ") -> sql.Composed:
    """Write a template once per column of the event."""
    parts = [sql.SQL(template).format(sql.Identifier("e", name)) for name in names]
    return sql.SQL(glue).join(parts)


def key() -> sql.Composed:
    """Write the columns of the cube's key, under their names."""
    classes = sql.SQL(" + ").join(
        sql.SQL("CASE WHEN {} > 0 THEN {} ELSE 0 END").format(
            sql.Identifier("e", name), sql.Literal(1 << bit)
        )
        for bit, name in enumerate(PRICED)
    )
    expressions: dict[str, sql.Composable] = {
        "day": sql.SQL(DAY),
        "utc_day": sql.SQL("(e.occurred_at AT TIME ZONE 'UTC')::date"),
        "posting_month": sql.SQL(f"coalesce(m.posting_month, date_trunc('month', {DAY})::date)"),
        "context_id": sql.SQL("e.context_id"),
        "band": sql.SQL(_BAND).format(total_input=columns(INPUT_TOKENS, "{}", " + ")),
        "price_window": sql.SQL(_WINDOW).format(in_window=sql.SQL(_IN_WINDOW)),
        "classes": sql.SQL("({})::smallint").format(classes),
        "stated_currency": sql.SQL("coalesce(e.stated_currency, '')"),
    }
    return sql.SQL(", ").join(
        sql.SQL("{} AS {}").format(expressions[name], sql.Identifier(name)) for name in KEY
    )


def source(*, months: str = "TRUE", events: str = "usage_usageevent") -> sql.Composed:
    """Write what the key is read from: the ledger, its contexts, and where it was posted.

    `months` says which batches' months can be met, where the caller knows: the planner would not
    conclude that from a condition on events, and read the months of all batches there ever were.
    `events`: the ledger, or some rows of it.
    """
    return sql.SQL(
        """
        FROM {events} e
        JOIN usage_context c ON c.id = e.context_id
        LEFT JOIN usage_usagebatchmonth m ON m.batch_id = e.batch_id
         AND m.usage_month = date_trunc('month', {day})::date AND {months}
        """
    ).format(day=sql.SQL(DAY), months=sql.SQL(months), events=sql.Identifier(events))


def cuts(special: Sequence[SkuBands]) -> dict[str, Any]:
    """Return the parameters that key and source need."""
    bands = [(row.sku_id, threshold) for row in special for threshold in row.thresholds]
    windows = [(row.sku_id, window) for row in special for window in row.windows]
    return {
        "zone": str(settings.REPORTING_ZONE),
        "band_skus": [sku for sku, _ in bands],
        "bands": [threshold for _, threshold in bands],
        "window_skus": [sku for sku, _ in windows],
        "windows": [window for _, window in windows],
    }


def instants(days: Period) -> tuple[datetime, datetime]:
    """Return the instants reporting days begin and end at."""
    zone = settings.REPORTING_ZONE
    return datetime.combine(days.start, time(), zone), datetime.combine(days.end, time(), zone)
