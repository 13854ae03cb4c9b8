"""The margin's cost side: the cube joined with what contexts mean and what SKUs cost."""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import pyarrow as pa

from billing.margin import meaning
from billing.margin.attributes import spans_of, table_of
from billing.margin.figures import costs
from billing.margin.foreign import Foreign
from billing.margin.kinds import kinds_of
from billing.margin.limit import check_rows
from billing.margin.prices import by_epoch, prices
from billing.margin.query import Question, cost_query
from billing.rates import Rate
from tknops.calendar import Period
from usage import cube
from usage.revisions import Revisions
from usage.tokens import PRICED, QUANTITIES, UNITS

# Rows read at a time: as DuckDB hands them over they take more than what is made of them.
_AT_ONCE = 2_000
# What most rows of a large report have: one for all of them.
NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class CostRow:
    """Usage and cost of one combination of dimensions; a cost of None is unknown.

    `priced`, `priced_of_revenue`: something of the cost has a price (or a statement).
    `unconverted` is the part of the cost, by currency, that has a price and no rate; `rates` are
    those the rest was converted by.
    """

    key: tuple[str, ...]
    events: int = 0
    tokens: dict[str, int] = field(default_factory=lambda: dict.fromkeys(QUANTITIES, 0))
    cost: Decimal | None = None
    cost_of_revenue: Decimal | None = None
    stated_cost: Decimal | None = None
    unpriced_events: int = 0
    unpriced_tokens: int = 0
    unpriced: Mapping[str, int] = field(default_factory=dict)
    priced: bool = False
    priced_of_revenue: bool = False
    unconverted: Mapping[str, Decimal] = field(default_factory=dict)
    rates: frozenset[Rate] = frozenset()

    @property
    def empty(self) -> bool:
        """Whether it has no usage at all, as a plan without a share of any line.

        A correction may have a cost without usage.
        """
        counted = self.events or self.unpriced_events or any(self.tokens.values())
        return not counted and self.stated_cost is None and not self.cost


def cost_rows(
    question: Question,
    period: Period,
    files: Sequence[str] | pa.Table,
    revisions: Revisions,
    *,
    contexts: pa.Array | None = None,
) -> list[CostRow]:
    """Sum usage and cost of these segments per combination of the question's dimensions.

    Rows of the cube's columns may stand for the segments. Where they are of few contexts, those
    may be said: then only they are resolved. Raises TooManyRowsError.
    """
    duck = cube.connect()
    try:
        absent = cube.register_cube(duck, files)
        kinds = kinds_of(question, revisions, only=contexts)
        duck.register("members", kinds.members)
        duck.register("kinds", kinds.kinds)
        book = prices(kinds.kinds, revisions, question)
        priced, epochs = by_epoch(book.table, period)
        duck.register("prices", priced)
        stated = cube.stated_currencies(files)
        foreign = Foreign(book, stated, period, revisions, question.rates_on)
        duck.register("epochs", foreign.numbered(epochs))
        duck.register("elsewhere", foreign.kinds(kinds))
        shared = _register_plans(duck, question, period, revisions)
        if "terms" in question.dimensions:
            duck.register("terms", meaning.terms(period, revisions))
        for index, name in enumerate(question.attributes):
            spans = spans_of(name, question.attributes_on, revisions)
            duck.register(f"attribute_{index}", table_of(spans))
        daily = set(question.daily)
        accepted = [list(keys) for name, keys in question.filters.items() if name in daily]
        answer = duck.execute(
            cost_query(
                question,
                dated=kinds.dated,
                shared=shared,
                classed=kinds.classed,
                absent=absent,
                currencies=len(book.currencies),
                converts=foreign.there,
            ),
            [*foreign.parameters, period.start, period.end, *accepted],
        )
        if foreign.there:
            return _converted(answer, question, foreign)
        made: list[CostRow] = []
        names: dict[str, str] = {}
        while found := answer.fetchmany(_AT_ONCE):
            made += [_cost_row(row, question, foreign, names) for row in found]
            check_rows(len(made), question.by, question.most_rows)
        return made
    finally:
        duck.close()


def _converted(answer: Any, question: Question, foreign: Foreign) -> list[CostRow]:
    """Put the rows of all stretches and currencies of a key together, read a part at a time."""
    parts: dict[tuple[str, ...], list[CostRow]] = defaultdict(list)
    names: dict[str, str] = {}
    while rows := answer.fetchmany(_AT_ONCE):
        for row in rows:
            made = _cost_row(row, question, foreign, names)
            parts[made.key].append(made)
        check_rows(len(parts), question.by, question.most_rows)
    return [together(key, some) for key, some in parts.items()]


def _register_plans(duck: Any, question: Question, period: Period, revisions: Revisions) -> bool:
    """Hand the plans over; true if some customer has several at once and its cost is split."""
    if not question.asks_plan:
        return False
    duck.register("plans", meaning.plans_around(period, revisions))
    duck.execute(
        "CREATE OR REPLACE TEMP TABLE shared AS SELECT DISTINCT context_id FROM members "
        "WHERE customer_id IN (SELECT customer_id FROM plans WHERE to_share - from_share <> ?)",
        [meaning.WHOLE],
    )
    return bool(duck.execute("SELECT count(*) FROM shared").fetchall()[0][0])


def _cost_row(
    row: tuple[Any, ...], question: Question, foreign: Foreign, names: dict[str, str]
) -> CostRow:
    """Make a row of what DuckDB says; `names` are those of the rows before, held once each."""
    width = len(question.by)
    stretch, stated_in, events, *figures = row[width:]
    worth = foreign.worth(stretch)
    tokens = dict(zip(QUANTITIES, figures, strict=False))
    stated, lines, *rest = figures[len(QUANTITIES) :]
    if stated_in and stated is not None:
        stated = worth.of(stated, stated_in)
    whole, served = costs(
        rest[len(PRICED) :],
        basis=question.basis,
        currencies=foreign.currencies,
        stated_in=stated_in or foreign.currencies[0],
        worth=worth,
    )
    unpriced = {name: count for name, count in zip(PRICED, rest, strict=False) if count}
    return CostRow(
        key=tuple([names.setdefault(name, name) for name in row[:width]]),
        events=events,
        tokens=tokens,
        cost=whole.cost,
        cost_of_revenue=served.cost,
        stated_cost=stated,
        unpriced_events=lines,
        unpriced_tokens=sum(n for name, n in unpriced.items() if name != UNITS),
        unpriced=unpriced or NOTHING,
        priced=whole.priced,
        priced_of_revenue=served.priced,
        unconverted=whole.unconverted or NOTHING,
        rates=frozenset(worth.rates),
    )


def together(key: tuple[str, ...], rows: Collection[CostRow]) -> CostRow:
    """Put rows together to what they would be as one: unknown where nothing of it has a price.

    What used nothing costs 0, and makes the cost of the rest no more known.
    """
    stated = [row.stated_cost for row in rows if row.stated_cost is not None]
    known = [row.cost for row in rows if row.cost is not None]
    served = [row.cost_of_revenue for row in rows if row.cost_of_revenue is not None]
    priced = any(row.priced for row in rows)
    priced_too = any(row.priced_of_revenue for row in rows)
    unpriced: Counter[str] = Counter()
    for row in rows:
        unpriced.update(row.unpriced)
    unconverted: dict[str, Decimal] = {}
    for code, amount in (item for row in rows for item in row.unconverted.items()):
        unconverted[code] = unconverted.get(code, Decimal(0)) + amount
    return CostRow(
        key=key,
        events=sum(row.events for row in rows),
        tokens={name: sum(row.tokens[name] for row in rows) for name in QUANTITIES},
        cost=sum(known, Decimal(0)) if priced or len(known) == len(rows) else None,
        cost_of_revenue=(
            sum(served, Decimal(0)) if priced_too or len(served) == len(rows) else None
        ),
        stated_cost=sum(stated, Decimal(0)) if stated else None,
        unpriced_events=sum(row.unpriced_events for row in rows),
        unpriced_tokens=sum(row.unpriced_tokens for row in rows),
        unpriced=dict(unpriced),
        priced=priced,
        priced_of_revenue=priced_too,
        unconverted=unconverted,
        rates=frozenset().union(*(row.rates for row in rows)),
    )
