"""The events behind a cell, a page at a time, each with the prices used and what it costs."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from django.conf import settings
from django.db import connection
from psycopg import sql

from billing.explorer.priced import Pricing
from billing.explorer.stretches import accepted_days
from billing.margin import MarginRow, margin
from billing.margin.kinds import Kinds, kinds_of
from billing.margin.labels import labels
from billing.margin.query import Question
from billing.margin.report import snapshot
from tknops.calendar import Period
from tknops.money import EXACT
from usage.revisions import Revisions
from usage.tokens import QUANTITIES

SIZE = 50
SHOWN = ("customer", "feature", "provider", "model")


@dataclass(frozen=True, slots=True)
class EventRow:
    """One priced line of a call; a cost of None is unknown, `unpriced` names what has no price."""

    occurred_at: dt.datetime
    key: str
    line: int
    shown: dict[str, str]
    quantities: dict[str, int]
    prices: dict[str, Decimal]
    cost: Decimal | None
    unpriced: list[str]


@dataclass(frozen=True, slots=True)
class EventPage:
    """Events, newest first, the cell they make up, and whether there are older ones.

    `splits`: some usage belongs to the cell in part only, so the pages sum to more.
    """

    rows: list[EventRow]
    total: MarginRow
    older: bool
    splits: bool

    @property
    def cost(self) -> Decimal:
        """Sum what this page's rows cost."""
        with localcontext(EXACT):
            return sum((row.cost for row in self.rows if row.cost is not None), Decimal(0))


def events_of(
    *, period: Period, filters: Mapping[str, Sequence[str]], page: int = 1, size: int = SIZE
) -> EventPage:
    """Return one page of the events a figure with these filters is made from.

    The costs of all pages sum to the figure to the last digit (see EventPage.splits).
    """
    question = Question(SHOWN, dict(filters))
    with snapshot(), localcontext(EXACT):
        revisions = Revisions.read()
        kinds = kinds_of(question, revisions)
        parts, splits = _parts(question, kinds, period)
        found = _read(parts, period, (page - 1) * size, size + 1)
        rows = _rows(question, kinds, parts, found[:size], revisions)
        total = margin(by=(), period=period, filters=filters).total
    return EventPage(rows, total, len(found) > size, splits)


# A context in an interval of days, and its kind.
Part = tuple[int, dt.date, dt.date, int]


def _parts(question: Question, kinds: Kinds, period: Period) -> tuple[list[Part], bool]:
    days = accepted_days(question.filters, period)
    members = kinds.members.to_pydict()
    dated = kinds.dated
    found = []
    for index, context in enumerate(members["context_id"]):
        start = max(members["valid_from"][index], period.start) if dated else period.start
        end = min(members["valid_to"][index], period.end) if dated else period.end
        for first, last in days.of(members["customer_id"][index], start, end):
            found.append((context, first, last, members["kind"][index]))
    return found, days.splits


def _read(parts: list[Part], period: Period, offset: int, limit: int) -> list[tuple[Any, ...]]:
    """Read events of some contexts and days, newest first.

    Raw SQL: a join with arrays. Uses index: usage_event_occurred_brin.
    """
    columns = sql.SQL(", ").join(sql.Identifier("e", name) for name in QUANTITIES)
    query = sql.SQL(
        """
        SELECT p.ordinal, e.key::text, e.line, e.occurred_at, {columns}
        FROM usage_usageevent e
        JOIN unnest(%(contexts)s::int[], %(starts)s::date[], %(ends)s::date[])
             WITH ORDINALITY AS p(context_id, first_day, end_day, ordinal)
          ON p.context_id = e.context_id
         AND (e.occurred_at AT TIME ZONE %(zone)s)::date >= p.first_day
         AND (e.occurred_at AT TIME ZONE %(zone)s)::date < p.end_day
        WHERE e.occurred_at >= %(start)s::timestamp AT TIME ZONE %(zone)s
          AND e.occurred_at < %(end)s::timestamp AT TIME ZONE %(zone)s
          AND EXISTS (SELECT FROM usage_foldedbatch f WHERE f.batch_id = e.batch_id)
        ORDER BY e.occurred_at DESC, e.key, e.source_id, e.line
        LIMIT %(limit)s OFFSET %(offset)s
        """
    ).format(columns=columns)
    with connection.cursor() as cursor:
        cursor.execute(
            query,
            {
                "contexts": [part[0] for part in parts],
                "starts": [part[1] for part in parts],
                "ends": [part[2] for part in parts],
                "zone": str(settings.REPORTING_ZONE),
                "start": period.start,
                "end": period.end,
                "limit": limit,
                "offset": offset,
            },
        )
        return list(cursor.fetchall())


def _rows(
    question: Question,
    kinds: Kinds,
    parts: list[Part],
    found: list[tuple[Any, ...]],
    revisions: Revisions,
) -> list[EventRow]:
    used = {parts[row[0] - 1][3] for row in found}
    table = kinds.kinds.filter(pc.is_in(kinds.kinds["kind"], pa.array(sorted(used), pa.int32())))
    by_kind = {row["kind"]: row for row in table.to_pylist()}
    names = labels(SHOWN, revisions)
    places = {name: f"d{question.lasting.index(name)}" for name in SHOWN}
    pricing = Pricing(table, revisions)
    rows = []
    for ordinal, key, line, at, *figures in found:
        kind = by_kind[parts[ordinal - 1][3]]
        quantities = {n: q for n, q in zip(QUANTITIES, figures, strict=True) if q}
        prices = pricing.of(kind["sku_id"], kind["sent_unit"], at, quantities)
        cost, unpriced = pricing.cost(quantities, prices)
        keys = {name: kind[place] for name, place in places.items()}
        shown = {name: names.get(name, {}).get(text, text) for name, text in keys.items()}
        rows.append(EventRow(at, key, line, shown, quantities, prices, cost, unpriced))
    return rows
