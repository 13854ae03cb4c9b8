"""The resolved price book as an Arrow table: wide rows, one column per token class."""

from collections import defaultdict
from decimal import Decimal

import pyarrow as pa
from django.conf import settings

from usage.models import Context
from usage.pricing import price_rows
from usage.tokens import PRICED, TOKENS, UNITS

PRICE = pa.decimal128(20, 10)


def prices() -> pa.Table:
    """Prices per SKU, unit, band, window and interval; `priced` has bit i set for PRICED[i]."""
    units: dict[int, set[str]] = defaultdict(lambda: {""})
    for sku_id, unit in Context.objects.values_list("sku_id", "unit").distinct():
        units[sku_id].add(unit)
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
