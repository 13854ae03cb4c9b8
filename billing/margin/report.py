"""Answer a margin question: one snapshot, cost from the cube, revenue from the lines, as rows."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal, localcontext
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from billing.margin import meaning
from billing.margin.income import Income, income
from billing.margin.labels import labels
from billing.margin.prices import prices
from billing.margin.query import Question, cost_query
from billing.measures import dimension
from billing.revenue import plan_intervals
from tknops.calendar import Period
from tknops.money import EXACT, divide
from usage import cube
from usage.cube.columns import SCHEMA
from usage.tokens import QUANTITIES

PERCENT_DECIMALS = 4


@dataclass(frozen=True, slots=True)
class MarginRow:
    """Figures of one combination of dimensions; money exact, None = unknown, never 0 for it."""

    key: tuple[str, ...]
    events: int = 0
    tokens: dict[str, int] = field(default_factory=lambda: dict.fromkeys(QUANTITIES, 0))
    cost: Decimal | None = None
    stated_cost: Decimal | None = None
    revenue: Decimal | None = None
    margin: Decimal | None = None
    margin_pct: Decimal | None = None
    unpriced_events: int = 0
    unpriced_tokens: int = 0
    basis: str = ""


@dataclass(frozen=True, slots=True)
class MarginReport:
    """Rows, their total and what the figures rest on."""

    by: tuple[str, ...]
    period: Period
    rows: list[MarginRow]
    total: MarginRow
    labels: dict[str, dict[str, str]]
    as_of: datetime | None
    currency: str
    basis: str
    unconverted: dict[str, Decimal]


def margin(
    *, by: Sequence[str], period: Period, filters: Mapping[str, Sequence[str]] | None = None
) -> MarginReport:
    """Return the margin by any dimensions over any days, e.g. by=("customer", "month").

    Filters give accepted keys per dimension. Raises UnknownDimensionError.
    """
    question = Question(tuple(dict.fromkeys(by)), dict(filters or {}))
    for name in question.dimensions:
        dimension(name)
    with _snapshot(), localcontext(EXACT):
        earned = income(question, period, settings.REPORTING_CURRENCY)
        costs = _cost_rows(question, period)
        rows = _join(question, costs, earned)
        total = _total(costs, earned)
        return MarginReport(
            by=tuple(question.by),
            period=period,
            rows=rows,
            total=total,
            labels=labels(question.by),
            as_of=cube.received_to(),
            currency=settings.REPORTING_CURRENCY,
            basis=total.basis,
            unconverted=earned.unconverted,
        )


@contextmanager
def _snapshot() -> Iterator[None]:
    """Read segments, attribution, prices and revenue as of one moment."""
    outermost = not connection.in_atomic_block
    with transaction.atomic():
        if outermost:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


def _cost_rows(question: Question, period: Period) -> list[MarginRow]:
    duck = cube.connect()
    try:
        _register(duck, question, period)
        rows = duck.execute(
            cost_query(question),
            [
                period.start,
                period.end,
                *(list(accepted) for accepted in question.filters.values()),
                settings.REPORTING_CURRENCY,
            ],
        ).fetchall()
    finally:
        duck.close()
    return [_cost_row(row, len(question.by)) for row in rows]


def _register(duck: Any, question: Question, period: Period) -> None:
    files = cube.cube_files(period=period)
    if files:
        listed = ", ".join(f"'{path}'" for path in (f.replace("'", "''") for f in files))
        duck.execute(f"CREATE OR REPLACE TEMP VIEW cube AS FROM read_parquet([{listed}])")
    else:
        duck.register("cube", SCHEMA.empty_table())
    needed = [*question.dimensions, "sent_end_user"]
    duck.register("contexts", meaning.contexts(needed))
    duck.register("attributions", meaning.attributions())
    duck.register("prices", prices())
    if question.asks_plan:
        duck.register("plans", meaning.plan_shares(plan_intervals(period)))
    for index, name in enumerate(question.attributes):
        rows = meaning.customer_attributes(name)
        duck.register(f"attribute_{index}", meaning.attribute_table(rows))


def _cost_row(row: tuple[Any, ...], width: int) -> MarginRow:
    events, *figures = row[width:]
    tokens = dict(zip(QUANTITIES, figures, strict=False))
    tokens_money, units_money, stated, priced, unpriced_events, unpriced_tokens, unpriced_units = (
        figures[len(QUANTITIES) :]
    )
    # Token prices are per million; units are in millionths besides.
    cost = (tokens_money * 10**6 + units_money).scaleb(-12)
    unknown = not priced and (unpriced_tokens or unpriced_units)
    return MarginRow(
        key=tuple(row[:width]),
        events=events,
        tokens=tokens,
        cost=None if unknown else cost,
        stated_cost=stated,
        unpriced_events=unpriced_events,
        unpriced_tokens=unpriced_tokens,
    )


def _join(question: Question, costs: list[MarginRow], earned: Income) -> list[MarginRow]:
    """Lay revenue beside cost; where revenue is not split its row stands alone."""
    by_key = {row.key: row for row in costs if row.events or row.cost or any(row.tokens.values())}
    shared = all(dimension(name).has_revenue for name in question.dimensions)
    rows = []
    for key in sorted(by_key.keys() | earned.by_key.keys()):
        row = by_key.get(key) or MarginRow(key, cost=Decimal(0) if shared else None)
        revenue = earned.by_key.get(key, Decimal(0) if shared else None)
        basis = earned.bases.get(key, set())
        rows.append(_with_revenue(row, revenue, basis))
    return rows


def _with_revenue(row: MarginRow, revenue: Decimal | None, bases: set[str]) -> MarginRow:
    left = revenue - row.cost if revenue is not None and row.cost is not None else None
    percent = None
    if left is not None and revenue is not None and revenue > 0:
        percent = divide(left * 100, revenue, PERCENT_DECIMALS)
    return MarginRow(
        key=row.key,
        events=row.events,
        tokens=row.tokens,
        cost=row.cost,
        stated_cost=row.stated_cost,
        revenue=revenue,
        margin=left,
        margin_pct=percent,
        unpriced_events=row.unpriced_events,
        unpriced_tokens=row.unpriced_tokens,
        basis=next(iter(bases)) if len(bases) == 1 else ("mixed" if bases else ""),
    )


def _total(costs: list[MarginRow], earned: Income) -> MarginRow:
    """Sum what is known, the same for any grouping; unknown parts are counted as unpriced."""

    def total(name: str) -> Decimal | None:
        known = [value for row in costs if (value := getattr(row, name)) is not None]
        return sum(known, Decimal(0)) if known else None

    unpriced = any(row.unpriced_events for row in costs)
    nothing = None if unpriced else Decimal(0)
    summed = MarginRow(
        key=(),
        events=sum(row.events for row in costs),
        tokens={name: sum(row.tokens[name] for row in costs) for name in QUANTITIES},
        cost=total("cost") if total("cost") is not None else nothing,
        stated_cost=total("stated_cost"),
        unpriced_events=sum(row.unpriced_events for row in costs),
        unpriced_tokens=sum(row.unpriced_tokens for row in costs),
    )
    revenue = sum(earned.by_key.values(), Decimal(0)) if earned.applies else None
    return _with_revenue(summed, revenue, set().union(*earned.bases.values()))
