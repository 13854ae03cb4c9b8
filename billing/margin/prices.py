"""The resolved price book as an Arrow table: wide rows, one column per token class."""

from collections import defaultdict
from collections.abc import Mapping
from decimal import Decimal

import pyarrow as pa
from django.conf import settings

from billing.margin.memory import Memory
from usage.pricing import price_rows
from usage.revisions import Revisions
from usage.tokens import PRICED, TOKENS, UNITS

PRICE = pa.decimal128(20, 10)


_TABLES = ("usage_price", "usage_modelalias", "usage_sku")
_resolved = Memory(limit=20_000)


def prices(contexts: pa.Table, revisions: Revisions) -> pa.Table:
    """Prices per SKU, unit, band, window and interval; `priced` has bit i set for PRICED[i]."""
    units: dict[int, set[str]] = defaultdict(lambda: {""})
    used = contexts.group_by(["sku_id", "sent_unit"]).aggregate([])
    for row in used.to_pylist():
        units[row["sku_id"]].add(row["sent_unit"])
    key = (revisions.of(*_TABLES), tuple(sorted((sku, *sorted(u)) for sku, u in units.items())))
    return _resolved.get(key, lambda: _wide(units), len)


def forget() -> None:
    """Drop what this process holds (the database was replaced)."""
    _resolved.clear()


def _wide(units: Mapping[int, set[str]]) -> pa.Table:
    columns: dict[str, list[object]] = defaultdict(list)
    for row in price_rows(currency=settings.REPORTING_CURRENCY):
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
