"""Answer a margin question: one snapshot, cost from the cube, revenue from the lines, as rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal, localcontext

from django.conf import settings

from billing.margin.cost import CostRow, cost_rows
from billing.margin.income import Income, income
from billing.margin.labels import labels
from billing.margin.memory import Memory
from billing.margin.query import Question
from billing.margin.snapshot import snapshot
from billing.measures import dimension
from tknops.calendar import Period
from tknops.money import EXACT, divide
from usage import cube
from usage.revisions import Revisions
from usage.tokens import PRICED, QUANTITIES

PERCENT_DECIMALS = 4
# Rows of reports as they were given out: nobody may change one.
_answers = Memory(limit=30_000)


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
    with snapshot(), localcontext(EXACT):
        revisions = Revisions.read()
        files = tuple(cube.cube_files(period=period))
        as_of = cube.received_to()
        key = (question.key, period, files, as_of, revisions.all, settings.REPORTING_CURRENCY)
        return _answers.get(
            key,
            lambda: _report(question, period, files, as_of, revisions),
            lambda report: len(report.rows),
        )


def forget() -> None:
    """Drop the answers this process remembers."""
    _answers.clear()


def _report(
    question: Question,
    period: Period,
    files: Sequence[str],
    as_of: datetime | None,
    revisions: Revisions,
) -> MarginReport:
    earned = income(question, period, settings.REPORTING_CURRENCY, revisions)
    costs = cost_rows(question, period, files, revisions)
    total = _total(costs, earned)
    return MarginReport(
        by=tuple(question.by),
        period=period,
        rows=_join(question, costs, earned),
        total=total,
        labels=labels(question.by, revisions),
        as_of=as_of,
        currency=settings.REPORTING_CURRENCY,
        basis=total.basis,
        unconverted=dict(earned.unconverted),
    )


def _join(question: Question, costs: list[CostRow], earned: Income) -> list[MarginRow]:
    """Lay revenue beside cost; where revenue is not split its row stands alone."""
    by_key = {row.key: row for row in costs if not row.empty}
    shared = all(dimension(name).has_revenue for name in question.dimensions)
    rows = []
    for key in sorted(by_key.keys() | earned.by_key.keys()):
        row = by_key.get(key) or CostRow(key, cost=Decimal(0) if shared else None)
        revenue = earned.by_key.get(key, Decimal(0) if shared else None)
        basis = earned.bases.get(key, set())
        rows.append(_with_revenue(row, revenue, basis))
    return rows


def _with_revenue(row: CostRow, revenue: Decimal | None, bases: set[str]) -> MarginRow:
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


def _total(costs: list[CostRow], earned: Income) -> MarginRow:
    """Sum what is known, the same for any grouping; unknown parts are counted as unpriced."""

    def total(name: str) -> Decimal | None:
        known = [value for row in costs if (value := getattr(row, name)) is not None]
        return sum(known, Decimal(0)) if known else None

    # What used nothing costs 0, and makes the cost of the rest no more known.
    known = [row for row in costs if row.cost is not None]
    priced = any(row.tokens[name] for row in known for name in PRICED)
    unknown = len(known) < len(costs) and not priced
    summed = CostRow(
        key=(),
        events=sum(row.events for row in costs),
        tokens={name: sum(row.tokens[name] for row in costs) for name in QUANTITIES},
        cost=None if unknown else total("cost") or Decimal(0),
        stated_cost=total("stated_cost"),
        unpriced_events=sum(row.unpriced_events for row in costs),
        unpriced_tokens=sum(row.unpriced_tokens for row in costs),
    )
    revenue = sum(earned.by_key.values(), Decimal(0)) if earned.applies else None
    return _with_revenue(summed, revenue, set().union(*earned.bases.values()))
