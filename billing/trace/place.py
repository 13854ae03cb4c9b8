"""Which cell of a report a line of the ledger falls into, and its part there."""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from decimal import localcontext
from uuid import UUID

import pyarrow as pa
from django.conf import settings

from billing.margin.closed import Books, books_of
from billing.margin.closed.fixed import dated, fixed
from billing.margin.closed.frozen import Frozen
from billing.margin.cost import cost_rows
from billing.margin.query import Question
from billing.margin.snapshot import snapshot
from billing.measures import CHARGE_CLASS, LATE, REGULAR, dimension
from billing.trace.book import Book
from billing.trace.closed import BY as CLOSED_BY
from billing.trace.closed import ClosedRow, closes_of
from billing.trace.lines import TracedLine, traced
from billing.trace.meant import Chosen, Meant
from billing.trace.shares import Plans
from tknops.calendar import Period, month_start, next_month
from tknops.money import EXACT
from usage.cube import cube_files, ledger_lines
from usage.ingest import EventError, event_key
from usage.models import UsageEvent
from usage.revisions import Revisions


@dataclass(frozen=True, slots=True)
class Place:
    """A cell and the part of the line in it: its keys as filters, and the days of the cell.

    In a closed month the part is None: `closed` is the frozen row the line was summed into.
    """

    keys: Mapping[str, str]
    period: Period
    part: TracedLine | None
    closed: ClosedRow | None = None


@dataclass(frozen=True, slots=True)
class PlacedLine:
    """A stored line and its cells; none while it is not folded, so in no report yet."""

    event: UsageEvent
    places: list[Place]


def place(*, event: str, by: Sequence[str]) -> list[PlacedLine]:
    """Say where the lines of an event stand in a report by these dimensions.

    The event is named by its key or by its id as sent; several sources may have sent it. A line
    of a customer with several plans falls into several cells by plan. Raises
    UnknownDimensionError.
    """
    for name in by:
        dimension(name)
    with snapshot(), localcontext(EXACT):
        stored = UsageEvent.objects.filter(key__in=_keys(event)).select_related("source")
        found = list(stored.order_by("key", "source_id", "line"))
        revisions = Revisions.read()
        book = Book.of(revisions)
        return [PlacedLine(row, _places(row, by, revisions, book)) for row in found]


def _keys(event: str) -> Collection[UUID]:
    """Return the key it is, and the key an id so sent has."""
    keys = set()
    with suppress(ValueError):
        keys.add(UUID(event))
    with suppress(EventError):
        keys.add(UUID(bytes=event_key(event)))
    return keys


def _places(event: UsageEvent, by: Sequence[str], revisions: Revisions, book: Book) -> list[Place]:
    """Let the margin name the cells of the line's context and day, then cut the line over them."""
    day = event.occurred_at.astimezone(settings.REPORTING_ZONE).date()
    days = Period(day, day + dt.timedelta(1))
    plans = Plans(days, revisions) if "plan" in by else None
    lines = [
        line
        for line in ledger_lines(
            pairs=[(event.context_id, day)],
            days=days,
            keys=[event.key],
            running=plans is not None and plans.shared,
        )
        if (line.source_id, line.line) == (event.source_id, event.line)
    ]
    if not lines:
        return []
    (line,), held = lines, books_of(revisions)
    stands, charge_class = day, REGULAR
    if held.ever and line.posting_month != month_start(day):
        stands, charge_class = line.posting_month, LATE
    question = Question(tuple(by), {"context": [str(event.context_id)]})
    if line.posting_month in held.files:
        return closed_places(question, days, stands, charge_class, held, revisions)
    labels = dated(LATE, stands) if charge_class == LATE else {CHARGE_CLASS: REGULAR}
    if (asked := fixed(question, labels)) is None:
        return []
    late = charge_class == LATE if held.ever else None
    one = replace(asked.question, late=late)
    own = pa.array([event.context_id], pa.int32())
    rows = cost_rows(one, days, cube_files(period=days), revisions, contexts=own)
    cells = [dict(zip(by, asked.placed(row.key), strict=True)) for row in rows if not row.empty]
    return [
        Place(keys, period_of(stands, by), part)
        for keys in sorted(cells, key=lambda keys: tuple(keys.values()))
        for part in traced(lines, Meant(lines, plans, _in(keys)), book)
    ]


def closed_places(
    question: Question,
    days: Period,
    stands: dt.date,
    charge_class: str,
    held: Books,
    revisions: Revisions,
) -> list[Place]:
    """Return the frozen rows a line of these days was summed into, with their cells."""
    month = Period(month_start(stands), next_month(stands))
    asked = fixed(question, dated(charge_class, stands))
    if asked is None:
        return []
    # A customer's plans cut the row only where they were asked for.
    named = tuple(name for name in CLOSED_BY if name != "plan" or "plan" in question.dimensions)
    one = replace(
        asked.question,
        by=(*asked.question.by, *named),
        filters={**asked.question.filters, CHARGE_CLASS: [charge_class]},
    )
    frozen = Frozen(one, held.paths(month), days, revisions, by_usage=True)
    close = closes_of(month)[month.start]
    width, places = len(asked.question.by), []
    for found in sorted(frozen.costs(), key=lambda found: found.key):
        keys = dict(zip(question.by, asked.placed(found.key[:width]), strict=True))
        row = ClosedRow(dict(zip(named, found.key[width:], strict=True)), found.row, close)
        places.append(Place(keys, period_of(stands, question.by), None, row))
    return places


def _in(keys: Mapping[str, str]) -> Chosen:
    return lambda share: share.plan == keys.get("plan")


def period_of(day: dt.date, by: Sequence[str]) -> Period:
    """Return the days of the cell: the day where asked for, else the month."""
    if "day" in by:
        return Period(day, day + dt.timedelta(1))
    return Period(month_start(day), next_month(day))
