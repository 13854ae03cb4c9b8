"""The columns of resolved prices: one per token class and currency."""

from collections.abc import Collection

import pyarrow as pa

from usage.tokens import PRICED

PRICE = pa.decimal128(20, 10)


def column(at: int, name: str) -> str:
    """Name the column of a class in the at-th currency; the reporting one is the first."""
    return f"p{at or ''}_{name}"


def schema_of(currencies: Collection[str]) -> pa.Schema:
    """Return the columns of prices in so many currencies."""
    return pa.schema(
        [
            ("price_id", pa.int64()),
            ("sku_id", pa.int64()),
            ("unit", pa.string()),
            ("band", pa.int64()),
            ("price_window", pa.string()),
            ("start", pa.date32()),
            ("end", pa.date32()),
            ("priced", pa.int16()),
            *((column(at, name), PRICE) for at, _ in enumerate(currencies) for name in PRICED),
        ]
    )
