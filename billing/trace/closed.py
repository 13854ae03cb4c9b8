"""The part of a cell that is in closed months: the frozen rows it is the sum of, as they were."""

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from billing.margin.closed import Books
from billing.margin.closed.difference import cost_difference
from billing.margin.closed.frozen import Frozen
from billing.margin.cost import CostRow
from billing.margin.query import Question
from billing.measures import CHARGE_CLASS, CORRECTION
from billing.models import MonthClose
from billing.trace.cursor import CursorError
from billing.trace.pieces import corrections_asked
from tknops.calendar import Period, month_start
from usage import cube
from usage.revisions import Revisions

# What a frozen row of a trace is told by.
BY = (
    "day", CHARGE_CLASS, "context", "customer", "feature", "team", "provider", "model", "plan",
    "cost_class",
)  # fmt: skip
_OPEN = "open"
_CURSOR = re.compile(r"(open|\d{4}-\d{2}-\d{2}):(\d{1,7})")


@dataclass(frozen=True, slots=True)
class ClosedRow:
    """A sum of the ledger as it was closed, or (`close` None) what today's meaning changes in it.

    `keys` are its labels then; a correction's day is that of the usage, it stands on `posted`.
    """

    keys: Mapping[str, str]
    row: CostRow
    close: MonthClose | None
    posted: dt.date | None = None


@dataclass(frozen=True, slots=True)
class ClosedPart:
    """A page of the rows, the closes they are of, and the month differences are posted in.

    `difference`: what today's meaning changes in the closed days of the cell, posted there.
    """

    rows: list[ClosedRow]
    following: str
    closes: list[MonthClose]
    posted: dt.date
    difference: list[CostRow]


class Closed:
    """The closed days of a cell, and the corrections that stand in it."""

    def __init__(
        self, question: Question, period: Period, held: Books, revisions: Revisions
    ) -> None:
        """Take the cell."""
        self._question, self._held, self._revisions = question, held, revisions
        self._days = held.closed_part(period)
        self._corrections = corrections_asked(question, period, held)

    @property
    def there(self) -> bool:
        """Whether anything of the cell may be closed."""
        return self._days is not None or self._corrections is not None

    def totals(self) -> list[CostRow]:
        """Return the sums the margin adds up."""
        found = []
        if self._days:
            found += Frozen(
                self._question, self._held.paths(self._days), self._days, self._revisions
            ).answer().costs  # fmt: skip
        if self._corrections:
            found += self._changes(self._corrections, self._held.closed)
        return found

    def difference(self) -> list[CostRow]:
        """Return what today's meaning changes in the closed days, whichever month it is read in."""
        if self._days is None or self._question.filters.keys() & {CHARGE_CLASS}:
            return []
        return self._changes(self._question, self._days)

    def rows(self, first: str = "") -> Iterator[tuple[str, list[ClosedRow]]]:
        """Yield the rows of each closed day from one on, then the corrections, under its name."""
        for day in self._days.cut("day") if self._days else ():
            if (name := day.start.isoformat()) >= first:
                yield name, self._frozen(day)
        if self._corrections:
            yield _OPEN, self._corrected(self._corrections)

    def page(self, after: str, limit: int) -> ClosedPart | None:
        """Return rows from a cursor on. Raises CursorError."""
        sheet, skip = _place(after)
        if not self.there or self._held.first_open is None:
            return None
        rows: list[ClosedRow] = []
        following = ""
        for name, some in self.rows(sheet):
            at = skip if name == sheet else 0
            room = limit - len(rows)
            rows += some[at : at + room]
            if at + room < len(some):
                following = f"{name}:{at + room}"
                break
        return ClosedPart(
            rows, following, list(self._closes.values()), self._held.first_open, self.difference()
        )

    @cached_property
    def _closes(self) -> dict[dt.date, MonthClose]:
        return closes_of(self._days) if self._days else {}

    def _frozen(self, day: Period) -> list[ClosedRow]:
        asked = replace(self._question, by=BY)
        found = Frozen(asked, self._held.paths(day), day, self._revisions).costs()
        close = self._closes.get(month_start(day.start))
        rows = [ClosedRow(_named(BY, one.key), one.row, close) for one in found]
        return sorted(rows, key=_order)

    def _corrected(self, asked: Question) -> list[ClosedRow]:
        by = tuple(name for name in BY if name != CHARGE_CLASS)
        rows = [
            ClosedRow(
                {**_named(by, row.key), CHARGE_CLASS: CORRECTION}, row, None, self._held.first_open
            )
            for row in self._changes(replace(asked, by=by), self._held.closed)
        ]
        return sorted(rows, key=_order)

    def _changes(self, asked: Question, days: Period | None) -> list[CostRow]:
        if days is None:
            return []
        return cost_difference(
            asked, self._held, days, lambda part: cube.cube_files(period=part), self._revisions
        )


def closes_of(days: Period) -> dict[dt.date, MonthClose]:
    """Return the closes in force of the months these days are of."""
    rows = MonthClose.objects.filter(
        reopening=None, month__gte=month_start(days.start), month__lt=days.end
    )
    return {row.month: row for row in rows.order_by("month")}


def _named(by: Sequence[str], key: Sequence[str]) -> dict[str, str]:
    return dict(zip(by, key, strict=True))


def _order(one: ClosedRow) -> tuple[str, ...]:
    return tuple(one.keys[name] for name in BY)


def _place(cursor: str) -> tuple[str, int]:
    """Read where a page begins. Raises CursorError."""
    if not cursor:
        return "", 0
    found = _CURSOR.fullmatch(cursor)
    if found is None or not cursor.isascii():
        raise CursorError
    return found[1], int(found[2])
