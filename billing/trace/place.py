"""Which cell of a report a line of the ledger falls into, and its part there."""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from decimal import localcontext
from uuid import UUID

from django.conf import settings

from billing.margin.cost import cost_rows
from billing.margin.query import Question
from billing.margin.snapshot import snapshot
from billing.measures import dimension
from billing.trace.book import Book
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
    """A cell and the part of the line in it: its keys as filters, and the days of the cell."""

    keys: Mapping[str, str]
    period: Period
    part: TracedLine


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
    question = Question(tuple(by), {"context": [str(event.context_id)]})
    plans = Plans(days) if "plan" in by else None
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
    rows = cost_rows(question, days, cube_files(period=days), revisions)
    cells = [dict(zip(by, row.key, strict=True)) for row in rows if not row.empty]
    return [
        Place(keys, _period(day, by), *traced(lines, Meant(lines, plans, _in(keys)), book))
        for keys in sorted(cells, key=lambda keys: tuple(keys.values()))
    ]


def _in(keys: Mapping[str, str]) -> Chosen:
    return lambda share: share.plan == keys.get("plan")


def _period(day: dt.date, by: Sequence[str]) -> Period:
    """Return the days of the cell: the day where asked for, else the month."""
    if "day" in by:
        return Period(day, day + dt.timedelta(1))
    return Period(month_start(day), next_month(day))
