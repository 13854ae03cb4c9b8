"""The lines a figure is made of, a page at a time, and their sum beside the figure."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import localcontext

import pyarrow as pa
from django.conf import settings

from billing.margin import MarginReport, MarginRow, margin
from billing.margin.cost import CostRow, cost_rows
from billing.margin.kinds import kinds_of
from billing.margin.memory import Memory
from billing.margin.query import Question
from billing.margin.report import asked
from billing.margin.snapshot import snapshot
from billing.measures import CONTRACTED, STATED
from billing.trace.book import Book
from billing.trace.lines import TracedLine, traced
from billing.trace.meant import Chosen, Meant
from billing.trace.shares import Plans
from billing.trace.sums import Sums, summed
from tknops.calendar import Period
from tknops.money import EXACT
from usage.cube import (
    FIRST,
    SCHEMA,
    LedgerLine,
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
_held = Memory(limit=20_000)


@dataclass(frozen=True, slots=True)
class Trace:
    """A page of lines of one cell; `following` is where the next page begins, None at the end.

    `cell` is the margin's figure, from the cube; `ledger` the sum of all lines, from the ledger.
    """

    report: MarginReport
    filters: Filters
    lines: list[TracedLine]
    following: Position | None
    ledger: Sums | None

    @property
    def cell(self) -> MarginRow:
        """The figure of the margin report."""
        return self.report.total

    @property
    def equal(self) -> bool | None:
        """Whether the lines sum to the figure, to the last digit; None if not summed."""
        return None if self.ledger is None else self.ledger.equal(self.cell)


def trace(
    *,
    period: Period,
    filters: Filters,
    after: Position | None = None,
    limit: int = 100,
    check: bool = True,
    basis: str = CONTRACTED,
    attributes_on: dt.date | None = None,
) -> Trace:
    """Return the lines of the cell that these filters leave of these days, oldest first.

    With `check` all its lines are summed from the ledger too; basis and attributes are read as by
    the margin. Raises UnknownDimensionError, UnknownBasisError.
    """
    with snapshot(), localcontext(EXACT):
        report = margin(
            by=[], period=period, filters=filters, basis=basis, attributes_on=attributes_on
        )
        revisions = Revisions.read()
        question, _ = asked((), filters)
        question = replace(question, basis=basis, attributes_on=attributes_on)
        key = (question.key, period, tuple(cube_files(period=period)), revisions.all)
        days = _held.get(("days", key), lambda: _days(question, period, revisions), len)
        # One more than asked for, to know whether there is one.
        lines = _page(question, days, revisions, after or FIRST, limit + 1)
        following = lines[limit - 1].line.position if len(lines) > limit else None
        ledger = None
        if check:
            ledger = _held.get(("sum", key), lambda: _sum(question, days, revisions), lambda _: 1)
    return Trace(report, filters, lines[:limit], following, ledger)


def _days(question: Question, period: Period, revisions: Revisions) -> list[tuple[dt.date, int]]:
    """List the days of the cell with its events on each."""
    each = replace(question, by=("day",))
    rows = cost_rows(each, period, cube_files(period=period), revisions)
    found = [(dt.date.fromisoformat(row.key[0]), row.events) for row in rows if not row.empty]
    return sorted(found)


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


def _page(
    question: Question,
    days: Sequence[tuple[dt.date, int]],
    revisions: Revisions,
    after: Position,
    wanted: int,
) -> list[TracedLine]:
    found: list[TracedLine] = []
    book = Book.of(revisions, question.basis)
    stated = question.basis == STATED
    begin = after[0].astimezone(settings.REPORTING_ZONE).date()
    left = [one for one in days if one[0] >= begin]
    for span in _spans(left, wanted):
        plans = Plans(span) if question.asks_plan else None
        lines = _lines(question, span, revisions, after, wanted - len(found), plans)
        found += traced(lines, Meant(lines, plans, _accepted(question)), book, stated=stated)
        if len(found) >= wanted:
            break
    return found


def _lines(
    question: Question,
    span: Period,
    revisions: Revisions,
    after: Position,
    limit: int,
    plans: Plans | None,
) -> list[LedgerLine]:
    """Let the margin say which contexts are in the cell on which days, then read their lines."""
    each = replace(question, by=("context", "day"))
    rows = cost_rows(each, span, cube_files(period=span), revisions)
    return ledger_lines(
        pairs=[
            (int(row.key[0]), dt.date.fromisoformat(row.key[1])) for row in rows if not row.empty
        ],
        days=span,
        after=after,
        limit=limit,
        running=plans is not None and plans.shared,
    )


def _accepted(question: Question) -> Chosen:
    plans = question.filters.get("plan", ())
    return lambda share: share.plan in plans


def _sum(question: Question, days: Sequence[tuple[dt.date, int]], revisions: Revisions) -> Sums:
    """Sum the cell anew from the ledger, by the margin's own question."""
    contexts = None
    if any(name in question.lasting for name in question.filters):
        members = kinds_of(question, revisions).members
        contexts = members["context_id"].unique().to_pylist()
    each = replace(question, by=("day",))
    rows: list[CostRow] = []
    for span in _spans(days, _AT_ONCE):
        part = Part(contexts=contexts, days=span, only_folded=True)
        tables = aggregate(part, bands=folded_bands())
        ledger = pa.concat_tables([SCHEMA.empty_table(), *tables])
        rows += cost_rows(each, span, ledger, revisions)
    return summed(rows)
