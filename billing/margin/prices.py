"""The resolved price book as an Arrow table: wide rows, one column per token class."""

import datetime as dt
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Mapping
from decimal import Decimal

import pyarrow as pa
import pyarrow.compute as pc
from django.conf import settings

from billing.margin.memory import Memory
from billing.margin.query import Question
from tknops.calendar import Period
from usage.models import Price
from usage.pricing import PriceChange, price_rows
from usage.revisions import Revisions
from usage.tokens import PRICED, TOKENS, UNITS

PRICE = pa.decimal128(20, 10)


_TABLES = ("usage_price", "usage_priceadjustment", "usage_modelalias", "usage_sku")
_NOTHING = PriceChange()
_resolved = Memory(limit=20_000)


def prices(contexts: pa.Table, revisions: Revisions, question: Question) -> pa.Table:
    """Prices on the question's basis per SKU, unit, band, window and interval.

    `priced` has bit i set for PRICED[i].
    """
    units: dict[int, set[str]] = defaultdict(lambda: {""})
    used = contexts.group_by(["sku_id", "sent_unit"]).aggregate([])
    for row in used.to_pylist():
        units[row["sku_id"]].add(row["sent_unit"])
    kind = Price.Kind.LIST if question.basis == "list" else Price.Kind.CONTRACTED
    asked = tuple(sorted((sku, *sorted(u)) for sku, u in units.items()))
    key = (revisions.of(*_TABLES), kind, question.scenario, asked)
    change = question.scenario.change if question.scenario else _NOTHING
    return _resolved.get(key, lambda: _wide(units, kind, change), len)


def by_epoch(table: pa.Table, period: Period) -> tuple[pa.Table, pa.Table]:
    """Number the stretches of days with the same prices: prices per epoch, and each day's epoch.

    Prices of an epoch are those of its first day.
    """
    edges = {*table["start"].to_pylist(), *table["end"].to_pylist()}
    starts = sorted({period.start, *(e for e in edges if period.start < e < period.end)})
    parts = [SCHEMA.append(_EPOCH).empty_table()]
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
    _resolved.clear()


def _wide(units: Mapping[int, set[str]], kind: str, change: PriceChange) -> pa.Table:
    columns: dict[str, list[object]] = defaultdict(list)
    for row in price_rows(currency=settings.REPORTING_CURRENCY, kind=kind, change=change):
        for unit in sorted(units[row.sku_id]):
            figures: dict[str, Decimal | None] = {name: row.tokens.get(name) for name in TOKENS}
            figures[UNITS] = row.units.get(unit)
            columns["price_id"].append(len(columns["price_id"]) + 1)
            columns["sku_id"].append(row.sku_id)
            columns["unit"].append(unit)
            columns["band"].append(row.band)
            columns["price_window"].append(row.window)
            columns["start"].append(row.start)
            columns["end"].append(row.end)
            columns["priced"].append(
                sum(1 << bit for bit, name in enumerate(PRICED) if figures[name] is not None)
            )
            for name in PRICED:
                columns[f"p_{name}"].append(figures[name])
    return pa.table({name: columns[name] for name in SCHEMA.names}, schema=SCHEMA)


_EPOCH = pa.field("epoch", pa.int32())
SCHEMA = pa.schema(
    [
        ("price_id", pa.int64()),
        ("sku_id", pa.int64()),
        ("unit", pa.string()),
        ("band", pa.int64()),
        ("price_window", pa.string()),
        ("start", pa.date32()),
        ("end", pa.date32()),
        ("priced", pa.int16()),
        *((f"p_{name}", PRICE) for name in PRICED),
    ]
)
