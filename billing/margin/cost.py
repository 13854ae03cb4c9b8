"""The margin's cost side: the cube joined with what contexts mean and what SKUs cost."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pyarrow as pa
from django.conf import settings

from billing.margin import meaning
from billing.margin.kinds import kinds_of
from billing.margin.prices import by_epoch, prices
from billing.margin.query import Question, cost_query
from tknops.calendar import Period
from usage import cube
from usage.revisions import Revisions
from usage.tokens import QUANTITIES


@dataclass(frozen=True, slots=True)
class CostRow:
    """Usage and cost of one combination of dimensions; a cost of None is unknown."""

    key: tuple[str, ...]
    events: int = 0
    tokens: dict[str, int] = field(default_factory=lambda: dict.fromkeys(QUANTITIES, 0))
    cost: Decimal | None = None
    stated_cost: Decimal | None = None
    unpriced_events: int = 0
    unpriced_tokens: int = 0

    @property
    def empty(self) -> bool:
        """Whether it has no usage at all, as a plan without a share of any line."""
        counted = self.events or self.unpriced_events or any(self.tokens.values())
        return not counted and self.stated_cost is None


def cost_rows(
    question: Question, period: Period, files: Sequence[str] | pa.Table, revisions: Revisions
) -> list[CostRow]:
    """Sum usage and cost of these segments per combination of the question's dimensions.

    Rows of the cube's columns may stand for the segments.
    """
    duck = cube.connect()
    try:
        absent = cube.register_cube(duck, files)
        kinds = kinds_of(question, revisions)
        duck.register("members", kinds.members)
        duck.register("kinds", kinds.kinds)
        priced, epochs = by_epoch(prices(kinds.kinds, revisions), period)
        duck.register("prices", priced)
        duck.register("epochs", epochs)
        shared = _register_plans(duck, question, period, revisions)
        for index, name in enumerate(question.attributes):
            rows = meaning.customer_attributes(name)
            duck.register(f"attribute_{index}", meaning.attribute_table(rows))
        daily = set(question.daily)
        accepted = [list(keys) for name, keys in question.filters.items() if name in daily]
        found = duck.execute(
            cost_query(question, dated=kinds.dated, shared=shared, absent=absent),
            [period.start, period.end, settings.REPORTING_CURRENCY, *accepted],
        ).fetchall()
    finally:
        duck.close()
    return [_cost_row(row, len(question.by)) for row in found]


def _register_plans(duck: Any, question: Question, period: Period, revisions: Revisions) -> bool:
    """Hand the plans over; true if some customer has several at once and its cost is split."""
    if not question.asks_plan:
        return False
    duck.register("plans", meaning.plans(period, revisions))
    duck.execute(
        "CREATE OR REPLACE TEMP TABLE shared AS SELECT DISTINCT context_id FROM members "
        "WHERE customer_id IN (SELECT customer_id FROM plans WHERE to_share - from_share <> ?)",
        [meaning.WHOLE],
    )
    return bool(duck.execute("SELECT count(*) FROM shared").fetchall()[0][0])


def _cost_row(row: tuple[Any, ...], width: int) -> CostRow:
    events, *figures = row[width:]
    tokens = dict(zip(QUANTITIES, figures, strict=False))
    tokens_money, units_money, stated, priced, unpriced_events, unpriced_tokens, unpriced_units = (
        figures[len(QUANTITIES) :]
    )
    # Token prices are per million; units are in millionths besides.
    cost = (tokens_money * 10**6 + units_money).scaleb(-12)
    unknown = not priced and (unpriced_tokens or unpriced_units)
    return CostRow(
        key=tuple(row[:width]),
        events=events,
        tokens=tokens,
        cost=None if unknown else cost,
        stated_cost=stated,
        unpriced_events=unpriced_events,
        unpriced_tokens=unpriced_tokens,
    )
