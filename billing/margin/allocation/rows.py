"""Allocations as rows: pool, month, target, driver, share, amount and method."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, localcontext

from django.conf import settings

from billing.margin.allocation.book import book
from billing.margin.allocation.measured import Measured
from billing.margin.allocation.parts import Part, parts_of, share_out
from billing.margin.snapshot import snapshot
from billing.measures import UNATTRIBUTED
from billing.models import AllocationRule, CostPool
from tknops.calendar import Period, month_start, next_month
from tknops.money import EXACT, divide, minor_digits
from usage import cube
from usage.revisions import Revisions

_SHARE_DECIMALS = 4


@dataclass(frozen=True, slots=True)
class Allocation:
    """What a target bears of a pool in a month; '(not allocated)' where nobody does.

    `kind` is the target's dimension; a row of '(unattributed)' takes off what came from usage. The
    method is empty where no rule is in force.
    """

    pool: CostPool
    month: str
    days: Period
    kind: str
    target: str
    method: str
    quantity: Decimal | None
    share_pct: Decimal | None
    amount: Decimal
    currency: str

    @property
    def how(self) -> str:
        """Say the method in words."""
        return AllocationRule.Method(self.method).label if self.method else "no rule in force"

    @property
    def is_taken(self) -> bool:
        """Whether it takes off unattributed usage what the pool bears instead."""
        return self.target == UNATTRIBUTED


def allocations(period: Period) -> list[Allocation]:
    """Return the rows of every month the period touches, months whole."""
    with snapshot(), localcontext(EXACT):
        return _rows(parts_of(whole_months(period), Revisions.read()))


def rehearse(pool: CostPool, rules: Sequence[AllocationRule], period: Period) -> list[Allocation]:
    """Return the pool's rows as they would be with these rules instead of its own."""
    with snapshot(), localcontext(EXACT):
        revisions = Revisions.read()
        months = whole_months(period)
        files = cube.cube_files(period=months)
        measured = Measured(months, files, revisions, settings.REPORTING_CURRENCY)
        own = [replace(one, rules=rules) for one in book(revisions) if one.pool.pk == pool.pk]
        return _rows(share_out(own, months, measured))


def whole_months(period: Period) -> Period:
    """Return the months a period touches."""
    last = max(period.start, period.end.fromordinal(period.end.toordinal() - 1))
    return Period(month_start(period.start), next_month(last))


def _rows(parts: Iterable[Part]) -> list[Allocation]:
    parts = list(parts)
    wholes: dict[int, Decimal] = defaultdict(Decimal)
    for part in parts:
        wholes[id(part.piece)] += part.quantity or Decimal(0)
    return [_row(part, wholes[id(part.piece)]) for part in parts]


def _row(part: Part, whole: Decimal) -> Allocation:
    piece = part.piece
    share = None
    if part.quantity is not None:
        share = divide(part.quantity * 100, whole, _SHARE_DECIMALS)
    return Allocation(
        pool=piece.pool,
        month=f"{piece.month.start:%Y-%m}",
        days=piece.days,
        kind=part.kind,
        target=part.target,
        method=piece.rule.method if piece.rule else "",
        quantity=part.quantity,
        share_pct=share,
        amount=Decimal(part.amount_minor).scaleb(-minor_digits(piece.currency)),
        currency=piece.currency,
    )
