"""The resolved price book as an Arrow table: wide rows, a column per token class and currency."""

import datetime as dt
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

import pyarrow as pa
import pyarrow.compute as pc
from django.conf import settings

from billing.margin.columns import column, schema_of
from billing.margin.memory import Memory
from billing.margin.query import Question
from billing.margin.scenario import Scenario
from billing.measures import LIST
from tknops.calendar import Period
from usage.models import Price
from usage.pricing import PriceChange, PriceRow, price_rows
from usage.revisions import Revisions
from usage.tokens import PRICED, UNITS


@dataclass(frozen=True, slots=True)
class PriceTable:
    """Prices, and the currencies they are in: the reporting one first, then each other in use.

    The price of a class stands in the column of its currency, `column(n, class)` of the n-th.
    """

    table: pa.Table
    currencies: tuple[str, ...]
    elsewhere: frozenset[int]  # SKUs with a price in another currency


_TABLES = ("usage_price", "usage_priceadjustment", "usage_modelalias", "usage_sku")
_NOTHING = PriceChange()
_books = Memory()
_tables = Memory()


def prices(contexts: pa.Table, revisions: Revisions, question: Question) -> PriceTable:
    """Prices on the question's basis per SKU, unit, band, window and interval.

    `priced` has bit i set for PRICED[i], whatever its currency.
    """
    units: dict[int, set[str]] = defaultdict(lambda: {""})
    used = contexts.group_by(["sku_id", "sent_unit"]).aggregate([])
    for row in used.to_pylist():
        units[row["sku_id"]].add(row["sent_unit"])
    asked = tuple(sorted((sku, *sorted(u)) for sku, u in units.items()))
    reporting = settings.REPORTING_CURRENCY
    state = revisions.of(*_TABLES)
    return _tables.get(
        (state, question.basis, question.scenario, asked, reporting),
        lambda: _wide(
            [
                row
                for row in resolved(question.basis, revisions, question.scenario)
                if row.sku_id in units
            ],
            units,
            reporting,
        ),
    )


def resolved(
    basis: str, revisions: Revisions, scenario: Scenario | None = None
) -> Sequence[PriceRow]:
    """Resolve every SKU's prices on a basis; remembered, since questions differ in SKUs only."""
    kind = Price.Kind.LIST if basis == LIST else Price.Kind.CONTRACTED
    change = scenario.change if scenario else _NOTHING
    return _books.get(
        (revisions.of(*_TABLES), kind, scenario),
        lambda: price_rows(kind=kind, change=change),
    )


def by_epoch(table: pa.Table, period: Period) -> tuple[pa.Table, pa.Table]:
    """Number the stretches of days with the same prices: prices per epoch, and each day's epoch.

    Prices of an epoch are those of its first day.
    """
    edges = {*table["start"].to_pylist(), *table["end"].to_pylist()}
    starts = sorted({period.start, *(e for e in edges if period.start < e < period.end)})
    parts = [table.schema.append(_EPOCH).empty_table()]
    for epoch, first in enumerate(starts):
        day = pa.scalar(first, pa.date32())
        on = pc.and_(pc.less_equal(table["start"], day), pc.greater(table["end"], day))
        rows = table.filter(on)
        parts.append(rows.append_column(_EPOCH, pa.array([epoch] * rows.num_rows, pa.int32())))
    days = [period.start + dt.timedelta(n) for n in range(period.days)]
    numbers = [bisect_right(starts, day) - 1 for day in days]
    epochs = {"day": pa.array(days, pa.date32()), "epoch": pa.array(numbers, pa.int32())}
    return pa.concat_tables(parts), pa.table(epochs)


def forget() -> None:
    """Drop what this process holds (the database was replaced)."""
    _books.clear()
    _tables.clear()


def _wide(rows: Sequence[PriceRow], units: Mapping[int, set[str]], reporting: str) -> PriceTable:
    used = {row.currency(name) for row in rows for name in row.made_of}
    currencies = (reporting, *sorted(used - {reporting}))
    places = {code: at for at, code in enumerate(currencies)}
    schema = schema_of(currencies)
    columns: dict[str, list[object]] = {name: [] for name in schema.names}
    elsewhere: set[int] = set()
    for row in rows:
        for unit in sorted(units[row.sku_id]):
            figures: dict[str, tuple[str, Decimal]] = {
                name: (row.currency(name), price) for name, price in row.tokens.items()
            }
            if unit in row.units:
                figures[UNITS] = row.currency(unit), row.units[unit]
            cells = {
                "price_id": len(columns["price_id"]) + 1,
                "sku_id": row.sku_id,
                "unit": unit,
                "band": row.band,
                "price_window": row.window,
                "start": row.start,
                "end": row.end,
                "priced": sum(1 << bit for bit, name in enumerate(PRICED) if name in figures),
                **{column(places[code], name): p for name, (code, p) in figures.items()},
            }
            if any(code != reporting for code, _ in figures.values()):
                elsewhere.add(row.sku_id)
            for name, cell in columns.items():
                cell.append(cells.get(name))
    table = pa.table(columns, schema=schema)
    return PriceTable(table, currencies, frozenset(elsewhere))


_EPOCH = pa.field("epoch", pa.int32())
