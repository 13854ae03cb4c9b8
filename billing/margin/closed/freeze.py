"""The rows of a month to be frozen: the margin's own answers by every dimension there is."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pyarrow as pa
from django.conf import settings

from billing.margin.allocation import Allocated, allocated
from billing.margin.closed.books import books_of
from billing.margin.closed.columns import (
    ALLOCATED,
    REVENUE,
    UNCONVERTED,
    USAGE,
    cost_columns,
    date_of,
    halves,
    schema,
)
from billing.margin.closed.comparison import AT_ONCE, changes
from billing.margin.closed.compose import late_spans
from billing.margin.closed.difference import Files, cost_difference
from billing.margin.closed.dimensions import dimensions
from billing.margin.closed.fixed import Key
from billing.margin.closed.ids import Ids
from billing.margin.cost import CostRow
from billing.margin.income import Income, income
from billing.margin.query import Question
from billing.margin.segments import segment_costs
from billing.measures import (
    CORRECTION,
    COST_BASES,
    LATE,
    REGULAR,
)
from tknops.calendar import Period
from usage import cube
from usage.revisions import Revisions
from usage.tokens import PRICED, QUANTITIES

# Of a row, not of its columns: where it stands and whose it is.
_APART = ("context", "utc_day", "end_user", "day")
Row = dict[str, Any]


def frozen_tables(month: Period, files: Files, revisions: Revisions) -> Iterator[pa.Table]:
    """Yield the rows of a month in tables of the same columns, one at least.

    Its own usage, revenue and shared cost; usage of closed months posted in it; and, if it is the
    first open month, what today's meaning changes in the closed ones.
    """
    made = _Freezing(month, files, revisions)
    yield made.schema.empty_table()
    for rows in made.rows():
        if rows:
            yield pa.Table.from_pylist(rows, schema=made.schema)


class _Freezing:
    """One month on its way into a file."""

    def __init__(self, month: Period, files: Files, revisions: Revisions) -> None:
        self._month, self._files, self._revisions = month, files, revisions
        self._held = books_of(revisions)
        self._late = cube.late_months() if self._held.ever else []
        self._ids = Ids()
        dims = dimensions()
        self.schema = schema(dims.labels)
        self._usage_by, self._revenue_by = dims.usage, dims.revenue
        self._shared_by = dims.shared

    def rows(self) -> Iterator[list[Row]]:
        """Yield the rows, a day of usage at a time."""
        # What is of the month itself and was posted later stands there.
        own = any(usage == self._month.start for usage, _ in self._late)
        for days in self._cut(self._month):
            yield self._usage(days, REGULAR, late=False if own else None)
        if (span := late_spans(self._late).get(self._month.start)) is not None:
            for days in self._cut(span):
                yield self._usage(days, LATE, late=True, posted=self._month)
        yield from self._money()
        if self._held.first_open == self._month.start:
            yield from self._corrections()

    def _cut(self, days: Period) -> list[Period]:
        """Cut days where they hold more than is resolved at a time."""
        held = sum(map(cube.rows_of, self._files(days)))
        return [days] if held <= AT_ONCE else list(days.cut("day"))

    def _usage(
        self, days: Period, charge_class: str, *, late: bool | None, posted: Period | None = None
    ) -> list[Row]:
        by = (*self._usage_by, *_APART)
        question = Question(by, {}, late=late, posted=posted)
        found: dict[Key, Row] = {}
        for basis in COST_BASES:
            asked = replace(question, basis=basis)
            rows = segment_costs(asked, days, self._files(days), self._revisions)
            self._lay(found, (row for row in rows if not row.empty), basis, charge_class)
        return list(found.values())

    def _lay(
        self,
        found: dict[Key, Row],
        rows: Iterable[CostRow],
        basis: str,
        charge_class: str,
    ) -> None:
        """Lay costs of a basis into rows, beside those of the other bases."""
        for row in rows:
            one = found.get(row.key)
            if one is None:
                one = found[row.key] = self._row(row.key, charge_class)
                one |= {"events": row.events, **row.tokens}
                one |= halves("stated_cost", row.stated_cost)
            counts = [row.unpriced_events, *(row.unpriced.get(name, 0) for name in PRICED)]
            one |= dict(zip(cost_columns(basis), counts, strict=True))
            one |= halves(f"cost_{basis}", row.cost) | {f"{basis}_priced": row.priced}
            for code, amount in row.unconverted.items():
                apart = {"record": UNCONVERTED, "basis": basis, "currency": code}
                found[*row.key, basis, code] = (
                    self._row(row.key, charge_class) | apart | halves("amount", amount)
                )

    def _row(self, key: Key, charge_class: str) -> Row:
        labels = dict(zip((*self._usage_by, *_APART), key, strict=True))
        context, utc_day, end_user, day = (labels.pop(name) for name in _APART)
        nothing = dict.fromkeys(("events", *QUANTITIES), 0)
        for basis in COST_BASES:
            nothing |= dict.fromkeys(cost_columns(basis), 0)
        return {
            **nothing,
            **self._standing(USAGE, charge_class, date_of(day)),
            **labels,
            **self._ids.of(labels, end_user),
            "context_id": int(context),
            "utc_day": date_of(utc_day),
        }

    def _standing(self, record: str, charge_class: str, usage_day: dt.date) -> Row:
        """Say what a row is of and where it stands: its own day, or the first of the month."""
        day = usage_day if charge_class == REGULAR else self._month.start
        return {
            "record": record, "charge_class": charge_class, "day": day, "usage_day": usage_day,
            "currency": settings.REPORTING_CURRENCY,
        }  # fmt: skip

    def _money(self) -> Iterator[list[Row]]:
        """Revenue and shared cost of the month, by day."""
        currency = settings.REPORTING_CURRENCY
        by = ("day", *self._revenue_by)
        earned = income(Question(by, {}), self._month, currency, self._revisions)
        yield self._earned(by, earned, REGULAR)
        by = ("day", *self._shared_by)
        shared = allocated(Question(by, {}), self._month, currency, self._revisions)
        yield self._shared(by, shared, REGULAR)

    def _earned(self, by: Sequence[str], found: Income, charge_class: str) -> list[Row]:
        amounts = [(key, basis, "", m) for (key, basis), m in found.by_basis.items()]
        amounts += [(key, "", code, m) for (key, code, _), m in found.elsewhere.items()]
        return self._amounts(REVENUE, by, amounts, charge_class)

    def _shared(self, by: Sequence[str], found: Allocated, charge_class: str) -> list[Row]:
        amounts = [(key, "", "", m) for key, m in found.by_key.items()]
        amounts += [(key, "", code, m) for (key, code, _), m in found.elsewhere.items()]
        return self._amounts(ALLOCATED, by, amounts, charge_class)

    def _amounts(
        self, record: str, by: Sequence[str], amounts: Iterable[Any], charge_class: str
    ) -> list[Row]:
        rows = []
        for key, basis, code, amount in amounts:
            labels: Mapping[str, str] = dict(zip(by, key, strict=True))
            one = self._standing(record, charge_class, date_of(labels["day"]))
            one |= {name: labels[name] for name in by if name != "day"}
            one |= self._ids.of(labels, "") | {"basis": basis} | halves("amount", amount)
            rows.append(one | ({"currency": code} if code else {}))
        return rows

    def _corrections(self) -> Iterator[list[Row]]:
        """What today's meaning changes in closed months, by day; most days nothing."""
        changed = changes(self._held, self._files, self._revisions)
        for day in sorted(changed.days):
            found: dict[Key, Row] = {}
            question = Question((*self._usage_by, *_APART), {})
            days = Period(day, day + dt.timedelta(1))
            for basis in COST_BASES:
                asked = replace(question, basis=basis)
                rows = cost_difference(asked, self._held, days, self._files, self._revisions)
                self._lay(found, rows, basis, CORRECTION)
            yield list(found.values())
        for earned in changed.earned.values():
            yield self._earned(("day", *self._revenue_by), earned, CORRECTION)
        for shared in changed.shared.values():
            yield self._shared(("day", *self._shared_by), shared, CORRECTION)
