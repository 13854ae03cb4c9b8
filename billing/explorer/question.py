"""What is asked of the explorer: dimensions, measures, filters, period and comparison."""

import datetime as dt
from dataclasses import dataclass, field
from urllib.parse import urlencode

from billing.explorer.spans import Span, compared
from billing.margin.query import NOW
from billing.measures import CONTRACTED
from tknops.calendar import Period

# Not "attributes": a field of that name would hide the attributes of its form from scripts.
ATTRIBUTES = "attributes_as"
MOST_ROWS = 3
TOPS = (10, 25, 50, 100, 500)
DEFAULT_TOP = 25
ALL = 0


class WrongQuestionError(ValueError):
    """A part of the address that means nothing; the message names it and what is accepted."""


@dataclass(frozen=True, slots=True)
class Exploration:
    """A question to the explorer; `top` is the number of rows ranked, 0 all of them.

    `basis` is what cost is worked out from; attributes and groups are as they were on each day, or
    as they are on `attributes_on`.
    """

    span: Span
    rows: tuple[str, ...] = ()
    column: str = ""
    measures: tuple[str, ...] = ()
    filters: dict[str, tuple[str, ...]] = field(default_factory=dict)
    grain: str = ""
    compare: str = ""
    top: int = DEFAULT_TOP
    wide: bool = False
    sort: str = ""
    basis: str = CONTRACTED
    attributes_on: dt.date | None = None

    @property
    def axes(self) -> tuple[tuple[str, ...], str]:
        """Dimensions of rows and columns: the grain goes to the columns where they are free."""
        if not self.grain or self.grain in (*self.rows, self.column):
            return self.rows, self.column
        if self.column or not self.rows:
            return (*self.rows, self.grain), self.column
        return self.rows, self.grain

    @property
    def by(self) -> tuple[str, ...]:
        """What the margin is asked by."""
        rows, column = self.axes
        return (*rows, column) if column else rows

    @property
    def before(self) -> Period | None:
        """The period compared with."""
        return compared(self.span.period, self.compare) if self.compare else None

    def pairs(self) -> list[tuple[str, str]]:
        """Write it as the parameters of its address, in one order."""
        found = [("rows", name) for name in self.rows]
        found += [("column", self.column)] * bool(self.column)
        found += [("measure", name) for name in self.measures]
        found += [(name, value) for name, values in self.filters.items() for value in values]
        found += _period(self.span)
        found += [("grain", self.grain)] * bool(self.grain)
        found += [("compare", self.compare)] * bool(self.compare)
        found += [("top", str(self.top or "all"))] * (self.top != DEFAULT_TOP)
        found += [("wide", "1")] * self.wide
        found += [("sort", self.sort)] * bool(self.sort)
        found += [("basis", self.basis)] * (self.basis != CONTRACTED)
        found += [(ATTRIBUTES, NOW)] * bool(self.attributes_on)
        return found

    @property
    def query(self) -> str:
        """Its address after the question mark."""
        return urlencode(self.pairs())

    @property
    def as_call(self) -> str:
        """The address of the API that answers the same question."""
        pairs = [("by", name) for name in self.by]
        pairs += [("start", f"{self.span.period.start}"), ("end", f"{self.span.period.end}")]
        pairs += [(name, value) for name, values in self.filters.items() for value in values]
        pairs += [("basis", self.basis)] * (self.basis != CONTRACTED)
        pairs += [("attributes", NOW)] * bool(self.attributes_on)
        return f"/api/v1/reports/margin?{urlencode(pairs)}"


def _period(span: Span) -> list[tuple[str, str]]:
    if span.name:
        return [("period", span.name)]
    first, end = span.period.start, span.period.end
    if first.day == 1 and end.day == 1:
        last = Period(first, end)
        *_, newest = last.months()
        return [("from", f"{first:%Y-%m}"), ("to", f"{newest.start:%Y-%m}")]
    return [("from", f"{first}"), ("to", f"{end.fromordinal(end.toordinal() - 1)}")]
