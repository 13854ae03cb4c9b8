"""Answer a margin question: one snapshot, cost from the cube, revenue from the lines, as rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal, localcontext

from django.conf import settings

from billing.dimensions import canonical
from billing.margin.allocation import Allocated
from billing.margin.closed import answered
from billing.margin.cost import NOTHING, CostRow, together
from billing.margin.income import Income
from billing.margin.labels import labels
from billing.margin.limit import check_rows
from billing.margin.memory import Memory
from billing.margin.query import NOW, THEN, Question
from billing.margin.scenario import Scenario
from billing.margin.snapshot import snapshot
from billing.margin.worth import Waiting, by_currency
from billing.measures import CONTRACTED, COST_BASES, UnknownBasisError, dimension
from billing.rates import Rate
from billing.revenue.rules import ACCRUED, INVOICED
from billing.revenue.rules import CONTRACTED as CONTRACTED_REVENUE
from tknops.calendar import Period
from tknops.money import EXACT, divide
from usage import cube
from usage.revisions import Revisions

PERCENT_DECIMALS = 4
# Rows of reports as they were given out: nobody may change one.
_answers = Memory()


@dataclass(frozen=True, slots=True)
class MarginRow(CostRow):
    """Usage and cost with revenue beside; money exact, None = unknown, never 0 for it."""

    revenue: Decimal | None = None
    margin: Decimal | None = None
    margin_pct: Decimal | None = None
    allocated_cost: Decimal | None = None
    fully_loaded_cost: Decimal | None = None
    loaded_margin: Decimal | None = None
    loaded_margin_pct: Decimal | None = None
    basis: str = ""
    by_basis: Mapping[str, Decimal] = field(default_factory=dict)

    @property
    def invoiced_revenue(self) -> Decimal | None:
        """Return the part of revenue that invoice lines and payments say; None if none."""
        return self.by_basis.get(INVOICED)

    @property
    def contracted_revenue(self) -> Decimal | None:
        """Return the part that subscriptions say where nothing is invoiced; None if none."""
        return self.by_basis.get(CONTRACTED_REVENUE)

    @property
    def accrued_revenue(self) -> Decimal | None:
        """Return the part estimated from usage not yet billed; None if none."""
        return self.by_basis.get(ACCRUED)


@dataclass(frozen=True, slots=True)
class MarginReport:
    """Rows, their total and what the figures rest on.

    `waiting` is revenue without a rate, `waiting_allocated` shared cost, by currency and day.
    """

    by: tuple[str, ...]
    period: Period
    rows: list[MarginRow]
    total: MarginRow
    labels: dict[str, dict[str, str]]
    as_of: datetime | None
    currency: str
    basis: str
    cost_basis: str
    waiting: Waiting = field(default_factory=dict)
    waiting_allocated: Waiting = field(default_factory=dict)
    attributes: str = THEN
    attributes_on: date | None = None

    @property
    def unconverted(self) -> dict[str, Decimal]:
        """Revenue that has no rate, by currency."""
        return by_currency(self.waiting)

    @property
    def unconverted_allocated(self) -> dict[str, Decimal]:
        """Shared cost that has no rate, by currency."""
        return by_currency(self.waiting_allocated)

    @property
    def unconverted_cost(self) -> Mapping[str, Decimal]:
        """AI cost that has a price and no rate, by currency."""
        return self.total.unconverted

    @property
    def rates(self) -> list[Rate]:
        """Every rate its figures were converted by, by currency and day."""
        return sorted(self.total.rates, key=lambda rate: (rate.base, rate.date))


def margin(
    *,
    by: Sequence[str],
    period: Period,
    filters: Mapping[str, Sequence[str]] | None = None,
    basis: str = CONTRACTED,
    scenario: Scenario | None = None,
    as_of_run: int | None = None,
    attributes_on: date | None = None,
    only: Sequence[str] = (),
    live: bool = False,
    rates_on: date | None = None,
    whole: bool = False,
) -> MarginReport:
    """Return the margin by any dimensions over any days, e.g. by=("customer", "month").

    Filters give accepted keys per dimension; the basis is what cost is worked out from, a scenario
    asks as if its prices were in force. Attributes and groups are as they were on each day, or as
    they are on `attributes_on`; `as_of_run` asks with the attributions a derivation left.
    `only` names priced quantities, so that their parts of the cost sum to it: revenue is of none.
    `live` asks as if no month were closed: all usage where it happened, by today's meaning.
    `rates_on` converts every day at the rates of this one, and so asks live: no closed month is.
    `whole`: however many rows it has; else more than REPORT_MOST_ROWS are refused.
    Raises UnknownDimensionError, UnknownBasisError or TooManyRowsError.
    """
    if basis not in COST_BASES:
        raise UnknownBasisError(basis)
    with snapshot(), localcontext(EXACT):
        question, shown = asked(by, filters or {})
        question = replace(
            question,
            basis=basis,
            scenario=scenario,
            as_of_run=as_of_run,
            attributes_on=attributes_on,
            only=tuple(only),
            live=live or bool(only) or rates_on is not None,
            rates_on=rates_on,
            most_rows=None if whole else settings.REPORT_MOST_ROWS,
        )
        revisions = Revisions.read()
        own = scenario.files if scenario else None
        # Not of the period alone: adjustments of closed months are of other days.
        files = tuple(cube.cube_files()) if own is None else own
        as_of = cube.received_to()
        key = (
            question.key,
            shown,
            period,
            files,
            as_of,
            revisions.all,
            settings.REPORTING_CURRENCY,
        )
        return _answers.get(
            key,
            lambda: _report(question, shown, period, own, as_of, revisions),
            own=lambda report: report.rows,
        )


def forget() -> None:
    """Drop the answers this process remembers."""
    _answers.clear()


def asked(
    by: Sequence[str], filters: Mapping[str, Sequence[str]]
) -> tuple[Question, tuple[str, ...]]:
    """Turn tags' own names into their keys; return the question and its rows' names as asked."""
    keys = canonical([*by, *filters])
    shown = {keys[name]: name for name in reversed(by)}
    question = Question(
        tuple(dict.fromkeys(keys[name] for name in by)),
        {keys[name]: accepted for name, accepted in filters.items()},
    )
    for name in question.dimensions:
        dimension(name)
    return question, tuple(shown[name] for name in question.by)


def _report(
    question: Question,
    shown: tuple[str, ...],
    period: Period,
    own: Sequence[str] | None,
    as_of: datetime | None,
    revisions: Revisions,
) -> MarginReport:
    def files(days: Period) -> Sequence[str]:
        return tuple(cube.cube_files(period=days)) if own is None else own

    answer = answered(question, period, files, settings.REPORTING_CURRENCY, revisions)
    costs, earned, shared = answer.costs, answer.earned, answer.shared
    total = _total(costs, earned, shared)
    rows = _join(question, costs, earned, shared)
    check_rows(len(rows), question.by, question.most_rows)
    return MarginReport(
        by=shown,
        period=period,
        rows=rows,
        total=total,
        labels=labels(question.by, revisions),
        as_of=as_of,
        currency=settings.REPORTING_CURRENCY,
        basis=total.basis,
        cost_basis=question.basis,
        waiting=dict(earned.waiting),
        waiting_allocated=dict(shared.waiting),
        attributes=NOW if question.attributes_on else THEN,
        attributes_on=question.attributes_on,
    )


def _join(
    question: Question, costs: list[CostRow], earned: Income, shared: Allocated
) -> list[MarginRow]:
    """Lay revenue and shared cost beside cost; where one is not split its row stands alone."""
    by_key = {row.key: row for row in costs if not row.empty}
    dimensions = [dimension(name) for name in question.dimensions]
    has_revenue = all(one.has_revenue for one in dimensions)
    borne = all(one.has_allocation for one in dimensions) and not shared.partial
    nothing = Decimal(0) if borne else None
    rows = []
    borne_by = {key for key, amount in shared.by_key.items() if amount}
    for key in sorted(by_key.keys() | earned.by_key.keys() | earned.unknown | borne_by):
        none = Decimal(0) if has_revenue else None
        row = by_key.get(key) or CostRow(key, cost=none, cost_of_revenue=none)
        revenue = earned.by_key.get(key, None if key in earned.unknown else none)
        basis = earned.bases.get(key, NOTHING)
        share = shared.by_key.get(key, nothing)
        made = _with_revenue(row, revenue, basis, share, used=key in by_key)
        rates = made.rates.union(earned.rates.get(key, ()), shared.rates.get(key, ()))
        rows.append(replace(made, rates=rates) if rates else made)
    return rows


def _with_revenue(
    row: CostRow,
    revenue: Decimal | None,
    bases: Mapping[str, Decimal],
    share: Decimal | None,
    *,
    used: bool,
) -> MarginRow:
    """Add revenue and shared cost; where there is no usage, its cost lacks nothing."""
    direct = row.cost if used else row.cost or Decimal(0)
    loaded = direct + share if direct is not None and share is not None else None
    left, percent = _left(revenue, row.cost_of_revenue)
    loaded_left, loaded_percent = _left(revenue, loaded)
    return MarginRow(
        key=row.key,
        events=row.events,
        tokens=row.tokens,
        cost=row.cost,
        cost_of_revenue=row.cost_of_revenue,
        stated_cost=row.stated_cost,
        revenue=revenue,
        margin=left,
        margin_pct=percent,
        allocated_cost=share,
        fully_loaded_cost=loaded,
        loaded_margin=loaded_left,
        loaded_margin_pct=loaded_percent,
        unpriced_events=row.unpriced_events,
        unpriced_tokens=row.unpriced_tokens,
        unpriced=row.unpriced,
        priced=row.priced,
        priced_of_revenue=row.priced_of_revenue,
        unconverted=row.unconverted,
        rates=row.rates,
        basis=next(iter(bases)) if len(bases) == 1 else ("mixed" if bases else ""),
        by_basis=bases,
    )


def _left(revenue: Decimal | None, cost: Decimal | None) -> tuple[Decimal | None, Decimal | None]:
    """Return the margin and its percentage; None where unknown or not meaningful."""
    if revenue is None or cost is None:
        return None, None
    left = revenue - cost
    return left, divide(left * 100, revenue, PERCENT_DECIMALS) if revenue > 0 else None


def _total(costs: Sequence[CostRow], earned: Income, shared: Allocated) -> MarginRow:
    """Sum what is known, the same for any grouping; unknown parts are counted as unpriced."""
    summed = together((), costs)
    some = earned.by_key or not earned.unknown
    revenue = sum(earned.by_key.values(), Decimal(0)) if earned.applies and some else None
    known = shared.applies and (shared.by_key or not shared.partial)
    share = sum(shared.by_key.values(), Decimal(0)) if known else None
    made = _with_revenue(summed, revenue, _bases(earned), share, used=True)
    rates = made.rates.union(*earned.rates.values(), *shared.rates.values())
    return replace(made, rates=rates) if rates else made


def _bases(earned: Income) -> dict[str, Decimal]:
    found: dict[str, Decimal] = {}
    for bases in earned.bases.values():
        for basis, amount in bases.items():
            found[basis] = found.get(basis, Decimal(0)) + amount
    return found


def combined(rows: Sequence[MarginRow], *, shared: bool) -> MarginRow:
    """Put rows of one report together as its total does: sums are summed, the rest recomputed.

    `shared`: revenue knows what they are of, so that where no row has any it is 0.
    """
    if len(rows) == 1 and (rows[0].revenue is not None or not shared):
        return replace(rows[0], key=())
    earned = Income(applies=shared or any(row.revenue is not None for row in rows))
    earned.by_key = {row.key: row.revenue for row in rows if row.revenue is not None}
    earned.unknown = {row.key for row in rows if row.revenue is None and shared}
    earned.bases.update({row.key: dict(row.by_basis) for row in rows if row.basis})
    borne = {row.key: row.allocated_cost for row in rows if row.allocated_cost is not None}
    total = _total(rows, earned, Allocated(applies=bool(borne), by_key=borne))
    if rows and not any(row.events or row.cost is not None for row in rows):
        return replace(total, cost=None, cost_of_revenue=None, margin=None, margin_pct=None)
    return total
