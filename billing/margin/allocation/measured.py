"""Drivers: what a rule shares by, measured over the days on which it is in force."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from billing.margin.cost import CostRow, cost_rows
from billing.margin.income import income
from billing.margin.query import Question
from billing.measures import NO_PLAN, NONE, NOT_SPLIT, UNATTRIBUTED
from billing.models import AllocationRule
from tknops.calendar import Period, next_month
from usage.revisions import Revisions
from usage.tokens import TOKENS

_NOBODY = frozenset((UNATTRIBUTED, NO_PLAN, NOT_SPLIT, NONE))
Filters = Mapping[str, Sequence[str]]
_Method = AllocationRule.Method


class Measured:
    """Usage, cost and revenue of months, asked once for all of them where months are whole."""

    def __init__(
        self, months: Period, files: Sequence[str], revisions: Revisions, currency: str
    ) -> None:
        """Take the months, the segments that may hold their days, and the reporting currency."""
        self._months, self._files, self._revisions = months, files, revisions
        self.currency = currency
        self._costs: dict[object, dict[str, dict[str, CostRow]]] = {}

    def cost(self, filters: Filters, days: Period) -> Decimal:
        """Return the known cost of what passes the filters."""
        rows = self._rows("customer", filters, days)
        return sum((row.cost or Decimal(0) for row in rows.values()), Decimal(0))

    def driver(self, rule: AllocationRule, days: Period) -> dict[str, Decimal]:
        """Return the quantity above 0 of each target; what has no customer, plan or feature none.

        By cost, tokens and revenue the sum; evenly 1 for each with a call; else the fixed weight.
        """
        if rule.method == _Method.WEIGHTS:
            found = {key: Decimal(weight) for key, weight in rule.weights.items()}
        elif rule.method == _Method.REVENUE:
            found = self._revenue(rule.target, rule.filters, days)
        else:
            rows = self._rows(rule.target, rule.filters, days)
            found = {key: _quantity(rule.method, row) for key, row in rows.items()}
        return {key: found[key] for key in sorted(found) if found[key] > 0 and key not in _NOBODY}

    def _rows(self, target: str, filters: Filters, days: Period) -> dict[str, CostRow]:
        period = self._asked(days)
        question = Question((target, "month"), filters)
        key: Any = (question.key, period)
        if key not in self._costs:
            by_month: dict[str, dict[str, CostRow]] = defaultdict(dict)
            for row in cost_rows(question, period, self._files, self._revisions):
                by_month[row.key[1]][row.key[0]] = row
            self._costs[key] = by_month
        return self._costs[key].get(f"{days.start:%Y-%m}", {})

    def _revenue(self, target: str, filters: Filters, days: Period) -> dict[str, Decimal]:
        question = Question((target, "month"), filters)
        earned = income(question, self._asked(days), self.currency, self._revisions)
        month = f"{days.start:%Y-%m}"
        return {key[0]: amount for key, amount in earned.by_key.items() if key[1] == month}

    def _asked(self, days: Period) -> Period:
        whole = days.start.day == 1 and days.end == next_month(days.start)
        return self._months if whole else days


def _quantity(method: str, row: CostRow) -> Decimal:
    if method == _Method.TOKENS:
        return Decimal(sum(row.tokens[name] for name in TOKENS))
    if method == _Method.EVENLY:
        return Decimal(1 if row.events else 0)
    return row.cost_of_revenue or Decimal(0)
