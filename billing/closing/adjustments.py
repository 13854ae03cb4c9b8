"""What came to closed months after their close, per customer: it stands in the first open month."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, localcontext

from django.conf import settings

from billing.margin.closed import books_of
from billing.margin.closed.answer import Answer
from billing.margin.closed.compose import late_spans
from billing.margin.closed.difference import difference
from billing.margin.closed.fixed import Key
from billing.margin.cost import CostRow
from billing.margin.query import Question
from billing.margin.segments import segment_costs
from billing.margin.snapshot import snapshot
from tknops.calendar import Period, next_month
from tknops.money import EXACT
from usage import cube
from usage.revisions import Revisions

_BY = ("month", "customer")
LATE_USAGE = "usage received after the close"
MOVED = "usage means another customer, or was taken out"
PRICED = "usage is priced otherwise"
EARNED = "revenue changed: invoices, credit notes, matches or plans"
SHARED = "shared cost changed"


@dataclass(frozen=True, slots=True)
class Adjustment:
    """A change of a closed month's figures of one customer; money in the reporting currency.

    `posted` is the open month it stands in. A cost of None is unknown.
    """

    posted: str
    month: str
    customer: str
    reason: str
    events: int = 0
    cost: Decimal | None = Decimal(0)
    revenue: Decimal = Decimal(0)
    allocated: Decimal = Decimal(0)

    @property
    def margin(self) -> Decimal | None:
        """What it changes of revenue − cost − shared cost; None where the cost is unknown."""
        return None if self.cost is None else self.revenue - self.cost - self.allocated


def adjustments() -> list[Adjustment]:
    """List what stands in the first open month, by closed month and customer."""
    with snapshot(), localcontext(EXACT):
        revisions = Revisions.read()
        held = books_of(revisions)
        if held.closed is None or held.first_open is None:
            return []
        question = Question(_BY, {})
        posted = f"{held.first_open:%Y-%m}"
        found = difference(
            question, held, held.closed, _files, settings.REPORTING_CURRENCY, revisions
        )
        rows = list(_of(found, posted))
        days = late_spans(cube.late_months()).get(held.first_open)
        if days is not None:
            span = Period(held.first_open, next_month(held.first_open))
            late = Question(_BY, {}, posted=span, late=True)
            rows += [
                _usage(posted, row, LATE_USAGE)
                for row in segment_costs(late, days, _files(days), revisions)
                if not row.empty
            ]
        return sorted(rows, key=lambda row: (row.month, row.customer, row.reason))


def _files(days: Period) -> list[str]:
    return cube.cube_files(period=days)


def _of(found: Answer, posted: str) -> Iterator[Adjustment]:
    for row in found.costs:
        moved = row.events or any(row.tokens.values())
        yield _usage(posted, row, MOVED if moved else PRICED)
    for (month, customer), amount in _two(found.earned.by_key):
        yield Adjustment(posted, month, customer, EARNED, revenue=amount)
    for (month, customer), amount in _two(found.shared.by_key):
        yield Adjustment(posted, month, customer, SHARED, allocated=amount)


def _usage(posted: str, row: CostRow, reason: str) -> Adjustment:
    month, customer = row.key
    return Adjustment(posted, month, customer, reason, row.events, row.cost)


def _two(by_key: Mapping[Key, Decimal]) -> Iterator[tuple[tuple[str, str], Decimal]]:
    for (month, customer), amount in by_key.items():
        if amount:
            yield (month, customer), amount
