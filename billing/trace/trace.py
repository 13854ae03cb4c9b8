"""The lines a figure is made of, a page at a time, and their sum beside the figure."""

import datetime as dt
from collections import Counter
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import localcontext

import pyarrow as pa
from django.conf import settings

from billing.margin import MarginReport, MarginRow, margin
from billing.margin.closed import books_of
from billing.margin.cost import CostRow, cost_rows
from billing.margin.kinds import kinds_of
from billing.margin.memory import Memory
from billing.margin.query import Question
from billing.margin.report import asked
from billing.margin.segments import ADDED_TO
from billing.margin.snapshot import snapshot
from billing.measures import CONTRACTED, STATED
from billing.trace.book import Book
from billing.trace.closed import Closed, ClosedPart
from billing.trace.lines import TracedLine, traced
from billing.trace.meant import Chosen, Meant
from billing.trace.pieces import Piece, ledger_pieces
from billing.trace.shares import Plans
from billing.trace.sums import Sums, amounts, summed
from tknops.calendar import Period
from tknops.money import EXACT
from usage.cube import (
    FIRST,
    SCHEMA,
    Part,
    Position,
    aggregate,
    cube_files,
    folded_bands,
    ledger_lines,
)
from usage.revisions import Revisions

LONGEST_PAGE = 1000
Filters = Mapping[str, Sequence[str]]
# Events summed at a time, so that the memory needed does not grow with the cell.
_AT_ONCE = 200_000
# A cell of at most so many events is asked once for the contexts and days of all its pages.
_SMALL = 10_000
_held = Memory()
# A context's events in the cell on a day.
Pair = tuple[int, dt.date, int]


@dataclass(frozen=True, slots=True)
class Trace:
    """A page of lines of one cell; `following` is where the next page begins, None at the end.

    `cell` is the margin's figure, from the cube; `ledger` the sum of all lines, from the ledger.
    `closed` has the rows of closed months in it: what is closed there is no line but these.
    """

    report: MarginReport
    filters: Filters
    lines: list[TracedLine]
    following: Position | None
    ledger: Sums | None
    closed: ClosedPart | None = None
    equal: bool | None = None

    @property
    def cell(self) -> MarginRow:
        """The figure of the margin report."""
        return self.report.total


def trace(
    *,
    period: Period,
    filters: Filters,
    after: Position | None = None,
    closed_after: str = "",
    limit: int = 100,
    check: bool = True,
    basis: str = CONTRACTED,
    attributes_on: dt.date | None = None,
) -> Trace:
    """Return the lines of the cell that these filters leave of these days, oldest first.

    Closed days have no lines but the frozen rows, by day from `closed_after` on. With `check` all
    lines are summed from the ledger too, and with the rows compared with the figure, to the last
    digit: `equal`. Basis and attributes are read as by the margin.
    Raises UnknownDimensionError, UnknownBasisError or CursorError.
    """
    with snapshot(), localcontext(EXACT):
        report = margin(
            by=[], period=period, filters=filters, basis=basis, attributes_on=attributes_on
        )
        revisions = Revisions.read()
        question, _ = asked((), filters)
        question = replace(question, basis=basis, attributes_on=attributes_on)
        held = books_of(revisions)
        pieces = ledger_pieces(question, period, held)
        closed = Closed(question, period, held, revisions)
        key = _made_from(pieces, revisions)
        cells = _Cells(pieces, revisions, key, whole=report.total.events <= _SMALL)
        days = cells.days
        # One more than asked for, to know whether there is one.
        lines = _page(cells, after or FIRST, limit + 1, basis)
        following = lines[limit - 1].line.position if len(lines) > limit else None
        part = closed.page(closed_after, limit)
        ledger, equal = None, None
        if check:
            rows = _held.get(("sum", key), lambda: _sum(pieces, days, revisions))
            ledger = summed(rows)
            totals = closed.totals()
            equal = summed([*rows, *totals]).equal(report.total)
            if equal and closed.there:
                every = ("rows", question.key, period, tuple(cube_files()), revisions.all)
                equal = _held.get(every, lambda: _adds_up(closed, totals))
    return Trace(report, filters, lines[:limit], following, ledger, part, equal)


def _made_from(pieces: Sequence[Piece], revisions: Revisions) -> Hashable:
    """Name what days and sums of these pieces are made from.

    Only their own days' segments: usage of other days that arrives while somebody reads page after
    page changes nothing of them, nor do its new contexts (docs/adr/0021).
    """
    asked = tuple((piece.question.key, piece.days) for piece in pieces)
    files = {path for piece in pieces for path in cube_files(period=piece.days)}
    state = revisions.without_inserts(*ADDED_TO)
    return asked, tuple(sorted(files)), state, settings.REPORTING_CURRENCY


def _adds_up(closed: Closed, totals: Sequence[CostRow]) -> bool:
    """Whether the rows of closed months sum to what the margin adds up."""
    return amounts(one.row for _, rows in closed.rows() for one in rows) == amounts(totals)


class _Cells:
    """The margin's word on what is in the cell: events by day, and by context and day."""

    def __init__(
        self, pieces: Sequence[Piece], revisions: Revisions, key: Hashable, *, whole: bool
    ) -> None:
        """Take the pieces; `whole`: few enough events to ask for all contexts and days at once."""
        self.pieces, self.revisions, self._key = pieces, revisions, key
        self._whole = whole

    @property
    def days(self) -> list[tuple[dt.date, int]]:
        """List the days with their events."""
        return _held.get(("days", self._key), self._days)

    def pairs(self, at: int, span: Period) -> list[tuple[int, dt.date]]:
        """List the contexts and days of the piece at a place, on some of its days."""
        if not self._whole:
            return [pair[:2] for pair in _pairs(self.pieces[at].question, span, self.revisions)]
        found = self._all[at]
        return [(context, day) for context, day, _ in found if span.start <= day < span.end]

    @property
    def _all(self) -> list[list[Pair]]:
        return _held.get(
            ("pairs", self._key),
            lambda: [_pairs(one.question, one.days, self.revisions) for one in self.pieces],
        )

    def _days(self) -> list[tuple[dt.date, int]]:
        found: Counter[dt.date] = Counter()
        if self._whole:
            for _, day, events in (pair for some in self._all for pair in some):
                found[day] += events
            return sorted(found.items())
        for piece in self.pieces:
            each = replace(piece.question, by=("day",))
            for row in cost_rows(each, piece.days, cube_files(period=piece.days), self.revisions):
                if not row.empty:
                    found[dt.date.fromisoformat(row.key[0])] += row.events
        return sorted(found.items())


def _pairs(question: Question, days: Period, revisions: Revisions) -> list[Pair]:
    each = replace(question, by=("context", "day"))
    rows = cost_rows(each, days, cube_files(period=days), revisions)
    return [
        (int(row.key[0]), dt.date.fromisoformat(row.key[1]), row.events)
        for row in rows
        if not row.empty
    ]


def _spans(days: Sequence[tuple[dt.date, int]], at_once: int) -> Iterator[Period]:
    """Join days in order until they hold so many events, at least one a time."""
    first, held = None, 0
    for day, events in days:
        first, held = first or day, held + events
        if held >= at_once:
            yield Period(first, day + dt.timedelta(1))
            first, held = None, 0
    if first is not None:
        yield Period(first, days[-1][0] + dt.timedelta(1))


def _page(cells: _Cells, after: Position, wanted: int, basis: str) -> list[TracedLine]:
    found: list[TracedLine] = []
    book = Book.of(cells.revisions, basis)
    begin = after[0].astimezone(settings.REPORTING_ZONE).date()
    left = [one for one in cells.days if one[0] >= begin]
    for span in _spans(left, wanted):
        some = [
            line
            for at, piece in enumerate(cells.pieces)
            if (part := piece.on(span))
            for line in _lines(
                part, cells.pairs(at, part.days), cells.revisions, after, wanted - len(found), book
            )
        ]
        found += sorted(some, key=lambda one: one.line.position)[: wanted - len(found)]
        if len(found) >= wanted:
            break
    return found


def _lines(
    piece: Piece,
    pairs: Sequence[tuple[int, dt.date]],
    revisions: Revisions,
    after: Position,
    limit: int,
    book: Book,
) -> list[TracedLine]:
    """Read the lines of contexts and days the margin says are in the cell."""
    question, span = piece.question, piece.days
    plans = Plans(span, revisions) if question.asks_plan else None
    lines = ledger_lines(
        pairs=pairs,
        days=span,
        after=after,
        limit=limit,
        running=plans is not None and plans.shared,
        posted=question.posted,
        late=question.late,
    )
    meant = Meant(lines, plans, _accepted(question))
    return traced(lines, meant, book, stated=question.basis == STATED)


def _accepted(question: Question) -> Chosen:
    plans = question.filters.get("plan", ())
    return lambda share: share.plan in plans


def _sum(
    pieces: Sequence[Piece], days: Sequence[tuple[dt.date, int]], revisions: Revisions
) -> list[CostRow]:
    """Sum the cell anew from the ledger by day, by the margin's own question."""
    rows: list[CostRow] = []
    for piece in pieces:
        question, contexts = piece.question, None
        if any(name in question.lasting for name in question.filters):
            members = kinds_of(question, revisions).members
            contexts = members["context_id"].unique().to_pylist()
        each = replace(question, by=("day",))
        for span in _spans(days, _AT_ONCE):
            if (own := piece.on(span)) is None:
                continue
            part = Part(contexts=contexts, days=own.days, only_folded=True)
            tables = aggregate(part, bands=folded_bands())
            ledger = pa.concat_tables([SCHEMA.empty_table(), *tables])
            rows += cost_rows(each, own.days, ledger, revisions)
    return rows
