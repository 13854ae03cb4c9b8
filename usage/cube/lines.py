"""Single lines of the ledger with the cube's key each was summed under."""

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeAlias
from uuid import UUID

from django.db import connection
from psycopg import sql

from tknops.calendar import Period
from usage.cube.bands import folded_bands
from usage.cube.columns import KEY
from usage.cube.ledger import DAY, FOLDED, columns, cuts, instants, key, source
from usage.tokens import QUANTITIES

# Instant, event key, source id, line number: the order of lines.
Position: TypeAlias = tuple[dt.datetime, UUID, int, int]
FIRST: Position = (dt.datetime(2, 1, 1, tzinfo=dt.UTC), UUID(int=0), 0, -1)
_ORDER = "occurred_at, key, source_id, line"
_COUNTED = ("events", "lines", *QUANTITIES)


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """A folded line, its reporting day and how folding cut it.

    `counted` has events (1 for the first line of a call), lines and each quantity; `before` the
    sums of the lines before it under the same key of the cube, where asked for.
    """

    key: UUID
    source_id: int
    line: int
    batch_id: int
    occurred_at: dt.datetime
    day: dt.date
    context_id: int
    band: int
    window: str
    counted: dict[str, int]
    before: dict[str, int]
    stated_cost: Decimal | None
    stated_currency: str
    posting_month: dt.date

    @property
    def position(self) -> Position:
        """Where it stands in the order of lines."""
        return self.occurred_at, self.key, self.source_id, self.line


def ledger_lines(
    *,
    pairs: Collection[tuple[int, dt.date]],
    days: Period,
    after: Position = FIRST,
    limit: int | None = None,
    keys: Collection[UUID] | None = None,
    running: bool = False,
    posted: Period | None = None,
    late: bool | None = None,
) -> list[LedgerLine]:
    """Return the folded lines of (context id, reporting day) pairs, oldest first.

    `posted`: only those posted in these months; `late`: only those posted in a later month than
    their own, or only those that were not. Raw SQL: the cube's key of a line, and running sums
    under it, are what folding computes.
    Uses index: usage_event_occurred_brin for the days, the unique one for keys.
    """
    with connection.cursor() as cursor:
        start, end = instants(days)
        parameters = {
            **cuts(folded_bands()),
            "contexts": [context for context, _ in pairs],
            "days": [day for _, day in pairs],
            "start": start,
            "end": end,
            "limit": limit,
            "posted_from": posted.start if posted else None,
            "posted_to": posted.end if posted else None,
            "late": late,
            "keys": None if keys is None else list(keys),
        }
        for name, value in zip(("at", "key", "source", "line"), after, strict=True):
            parameters[f"after_{name}"] = value
        # What is summed or left out afterwards must be there first.
        early = not running and posted is None and late is None
        cursor.execute(_query(running=running, early=early, some=keys is not None), parameters)
        names = [column.name for column in cursor.description]
        return [_line(dict(zip(names, row, strict=True))) for row in cursor.fetchall()]


def _query(*, running: bool, early: bool, some: bool) -> sql.Composed:
    """Write it: first the lines of the pairs, then their key in the cube, which costs more.

    `some`: only lines of these keys. They are chosen `early`, and so is the page, or else after
    the running sums over all lines.
    """
    among = "AND {} = ANY(%(keys)s)" if some else ""
    beyond = (
        "({0}occurred_at, {0}key, {0}source_id, {0}line)"
        " > (%(after_at)s, %(after_key)s, %(after_source)s, %(after_line)s)"
    )
    page = f"ORDER BY {_ORDER} LIMIT %(limit)s"
    sums = [
        sql.SQL("(sum({0}) OVER w - {0})::numeric AS {1}").format(
            sql.Identifier(name), sql.Identifier(f"before_{name}")
        )
        for name in (_COUNTED if running else ())
    ]
    window = f"WINDOW w AS (PARTITION BY {', '.join(KEY)} ORDER BY {_ORDER})" if running else ""
    return sql.SQL(
        """
        WITH chosen AS MATERIALIZED (
            SELECT * FROM usage_usageevent e
            WHERE e.occurred_at >= %(start)s AND e.occurred_at < %(end)s
              AND (e.context_id, {day}) IN
                  (SELECT * FROM unnest(%(contexts)s::int[], %(days)s::date[]))
              AND {folded} {early}
        )
        SELECT * FROM (
            SELECT {sums} FROM (
                SELECT e.key, e.source_id, e.line, e.batch_id, e.occurred_at, {key},
                       (e.line = 0)::int AS events, 1 AS lines, {quantities}, e.stated_cost
                {source}
            ) cut {window}
        ) line
        WHERE {beyond} {among}
          AND (%(posted_from)s::date IS NULL
               OR posting_month >= %(posted_from)s AND posting_month < %(posted_to)s)
          AND (%(late)s::bool IS NULL
               OR %(late)s = (posting_month <> date_trunc('month', day)::date))
        {page}
        """
    ).format(
        sums=sql.SQL(", ").join([sql.SQL("*"), *sums]),
        early=sql.SQL(f"AND {beyond.format('e.')} {among.format('e.key')} {page}" if early else ""),
        beyond=sql.SQL(beyond.format("")),
        among=sql.SQL(among.format("key")),
        key=key(),
        quantities=columns(QUANTITIES, "{}"),
        source=source(events="chosen"),
        day=sql.SQL(DAY),
        folded=sql.SQL(FOLDED),
        window=sql.SQL(window),
        page=sql.SQL(page),
    )


def _line(row: Mapping[str, Any]) -> LedgerLine:
    return LedgerLine(
        key=row["key"],
        source_id=row["source_id"],
        line=row["line"],
        batch_id=row["batch_id"],
        occurred_at=row["occurred_at"],
        day=row["day"],
        context_id=row["context_id"],
        band=row["band"],
        window=row["price_window"],
        counted={name: row[name] for name in _COUNTED},
        before={name: int(row.get(f"before_{name}", 0)) for name in _COUNTED},
        stated_cost=row["stated_cost"],
        stated_currency=row["stated_currency"],
        posting_month=row["posting_month"],
    )
