"""Ask frozen months: sums of their rows, regular ones apart from corrections."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

import pyarrow.compute as pc
import pyarrow.parquet as pq
from django.conf import settings

from billing.margin.allocation import Allocated
from billing.margin.closed.answer import Answer, grouped
from billing.margin.closed.columns import (
    ALLOCATED,
    REVENUE,
    UNCONVERTED,
    USAGE,
    cost_columns,
    joined,
)
from billing.margin.closed.corrected import CorrectedCost
from billing.margin.closed.fixed import Key
from billing.margin.closed.labels import Labels
from billing.margin.cost import CostRow
from billing.margin.income import Income
from billing.margin.limit import check_rows
from billing.margin.memory import Memory
from billing.margin.query import Question
from billing.measures import CORRECTION, NOT_SPLIT, dimension
from tknops.calendar import Period
from usage import cube
from usage.revisions import Revisions
from usage.tokens import PRICED, QUANTITIES, UNITS

_answers = Memory()
# By key, cost class and month of corrections: money by currency.
_Waiting = dict[tuple[Any, ...], dict[str, Decimal]]
_ROWS_OF_ONE = 4
_CLASS = 'c."cost_class"'
# Corrections of different months are told apart: each was worked out by itself.
_APART = f"CASE WHEN c.charge_class = '{CORRECTION}' THEN strftime(c.day, '%Y-%m') ELSE '' END"


@dataclass(frozen=True, slots=True)
class FrozenRow:
    """A sum of frozen rows; `apart` is the month of a correction, '' of what is none."""

    key: Key
    cost_class: str
    apart: str
    row: CostRow


class Frozen:
    """A question to the files of closed months, on days of the rows or of their usage."""

    def __init__(
        self,
        question: Question,
        files: Sequence[str],
        days: Period,
        revisions: Revisions,
        *,
        by_usage: bool = False,
    ) -> None:
        """Take the question and the days."""
        self._question, self._files, self._days = question, tuple(files), days
        self._revisions = revisions
        self._day = "usage_day" if by_usage else "day"

    def answer(self) -> Answer:
        """Return what the files say, as reports read it."""
        rows = [
            row
            for found in self.costs()
            if (row := CorrectedCost.of(found.row).row(found.key, found.cost_class)
                if found.apart else found.row)
        ]  # fmt: skip
        return Answer(grouped(rows), self.earned(), self.shared())

    def costs(self) -> list[FrozenRow]:
        """Sum usage and cost by key, cost class, and the month of corrections."""
        basis = self._question.basis
        sums = ["events", *QUANTITIES, "stated_cost", "stated_cost_rest"]
        sums += [*cost_columns(basis), f"cost_{basis}", f"cost_{basis}_rest"]
        figures = [f"sum(c.{name})" for name in sums]
        figures += [
            f"coalesce(bool_or(c.{basis}_priced), FALSE)",
            f"count(*) FILTER (WHERE c.cost_{basis} IS NULL)",
        ]
        found = self._ask(USAGE, [_CLASS, _APART], figures)
        waiting = self._waiting()
        return [
            self._cost(row, waiting) for row in found if row[len(self._question.by) + 2] is not None
        ]

    def _waiting(self) -> _Waiting:
        """Sum the cost without a rate by key, cost class and month of corrections."""
        found: _Waiting = defaultdict(dict)
        if not any(map(_lacks_rates, self._files)):
            return found
        figures = ["sum(c.amount)", "sum(c.amount_rest)"]
        of_basis = f"c.basis = '{self._question.basis}'"
        for row in self._ask(UNCONVERTED, [_CLASS, _APART, "c.currency"], figures, where=of_basis):
            *place, code, first, rest = row
            if amount := joined(first, rest):
                found[tuple(place)][code] = amount
        return found

    def earned(self, *, everything: bool = False) -> Income:
        """Sum revenue; a correction that comes to 0 is none, unless `everything` is asked for."""
        found = Income(applies=all(dimension(n).has_revenue for n in self._question.filters))
        for key, basis, currency, amount in self._amounts(REVENUE, everything=everything):
            if currency == settings.REPORTING_CURRENCY:
                found.add(key, basis, amount)
            else:
                found.leave(key, currency, self._days.start, amount)
        return found

    def shared(self, *, everything: bool = False) -> Allocated:
        """Sum shared cost."""
        names = self._question.filters
        found = Allocated(applies=all(dimension(name).has_allocation for name in names))
        for key, _, currency, amount in self._amounts(ALLOCATED, everything=everything):
            if currency == settings.REPORTING_CURRENCY:
                found.add(key, amount)
            else:
                found.leave(key, currency, self._days.start, amount)
        found.partial = found.applies and bool(names) and self._is_partial()
        return found

    def _amounts(self, record: str, *, everything: bool) -> list[tuple[Key, str, str, Decimal]]:
        names = self._question.filters
        has = "has_revenue" if record == REVENUE else "has_allocation"
        if not all(getattr(dimension(name), has) for name in names):
            return []
        figures = ["sum(c.amount)", "sum(c.amount_rest)"]
        width = len(self._question.by)
        found = []
        for row in self._ask(record, ["c.basis", "c.currency", _APART], figures):
            basis, currency, apart, first, rest = row[width:]
            amount = joined(first, rest)
            if amount is not None and (amount or everything or not apart):
                found.append((tuple(row[:width]), basis, currency, amount))
        return found

    def _is_partial(self) -> bool:
        """Tell whether a filter refuses shared cost that is not split by its dimension."""
        labels = Labels(self._question, ALLOCATED, self._files, self._revisions, day=self._day)
        names = list(self._question.filters)
        refused = " OR ".join(
            f"(NOT list_contains(?, {labels[n]}) AND {labels[n]} = '{NOT_SPLIT}')" for n in names
        )
        query = (
            f"SELECT count(*) FROM c_rows c {' '.join(labels.joins)} "  # noqa: S608
            f"WHERE {self._where(ALLOCATED)} AND c.charge_class <> '{CORRECTION}' AND ({refused})"
        )
        accepted = [list(self._question.filters[name]) for name in names]
        return bool(self._run(ALLOCATED, labels, query, accepted)[0][0])

    def _ask(
        self, record: str, more: Sequence[str], figures: Sequence[str], *, where: str = "TRUE"
    ) -> list[tuple[Any, ...]]:
        question = self._question
        of = USAGE if record == UNCONVERTED else record
        labels = Labels(question, of, self._files, self._revisions, day=self._day)
        group = [*(labels[name] for name in question.by), *more]
        accepts = [f"list_contains(?, {labels[name]})" for name in question.filters]
        query = f"""
            SELECT {", ".join([*group, *figures])} FROM c_rows c {" ".join(labels.joins)}
            WHERE {" AND ".join([self._where(record), where, *accepts])}
            GROUP BY {", ".join(str(at + 1) for at in range(len(group)))}
        """  # noqa: S608 - declared names and columns of our own files
        accepted = [list(keys) for keys in question.filters.values()]
        return self._run(record, labels, query, accepted)

    def _where(self, record: str) -> str:
        days, day = self._days, f"c.{self._day}"
        return (
            f"c.record = '{record}' AND {day} >= DATE '{days.start}' AND {day} < DATE '{days.end}'"
        )

    def _run(
        self, record: str, labels: Labels, query: str, accepted: list[list[str]]
    ) -> list[tuple[Any, ...]]:
        if not self._files:
            return []

        # A row of a report is summed of some rows here, by cost class and correction.
        most = self._question.most_rows and _ROWS_OF_ONE * self._question.most_rows

        def run() -> list[tuple[Any, ...]]:
            duck = cube.connect()
            try:
                labels.register(duck)
                paths = (path.replace("'", "''") for path in self._files)
                listed = ", ".join(f"'{path}'" for path in paths)
                duck.execute(
                    "CREATE OR REPLACE TEMP VIEW c_rows AS SELECT * FROM "  # noqa: S608 - our paths
                    f"read_parquet([{listed}], union_by_name = true)"
                )
                answer = duck.execute(query, accepted)
                found = answer.fetchall() if most is None else answer.fetchmany(most + 1)
            finally:
                duck.close()
            check_rows(len(found), self._question.by, most)
            return found

        told = tuple(tuple(keys) for keys in accepted)
        on = self._question.attributes_on
        key = (record, query, told, self._files, on, labels.rests_on, most)
        return _answers.get(key, run)

    def _cost(self, found: tuple[Any, ...], waiting: _Waiting) -> FrozenRow:
        width = len(self._question.by)
        cost_class, apart, events, *figures = found[width:]
        tokens = dict(zip(QUANTITIES, figures, strict=False))
        stated, stated_rest, lacking, *figures = figures[len(QUANTITIES) :]
        counts = zip(PRICED, figures, strict=False)
        unpriced = {name: int(count) for name, count in counts if count}
        first, rest, priced, unknown = figures[len(PRICED) :]
        money = joined(first, rest) or Decimal(0)
        cost = money if priced or not unknown else None
        served = cost_class == "COGS"
        row = CostRow(
            key=tuple(found[:width]),
            events=int(events),
            tokens={name: int(count) for name, count in tokens.items()},
            cost=cost,
            cost_of_revenue=cost if served else Decimal(0),
            stated_cost=joined(stated, stated_rest),
            unpriced_events=int(lacking),
            unpriced_tokens=sum(n for name, n in unpriced.items() if name != UNITS),
            unpriced=unpriced,
            priced=priced,
            priced_of_revenue=priced and served,
            unconverted=waiting.get(tuple(found[: width + 2]), {}),
        )
        return FrozenRow(row.key, cost_class, apart, row)


def forget() -> None:
    """Drop the answers this process remembers."""
    _answers.clear()


@lru_cache(maxsize=1024)
def _lacks_rates(path: str) -> bool:
    """Tell whether a file, which never changes, has cost that waited for a rate."""
    found = pc.equal(pq.read_table(path, columns=["record"])["record"], UNCONVERTED)
    return bool(pc.any(found).as_py())
