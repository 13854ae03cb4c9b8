"""The columns of a cube row: its key, then its sums."""

import pyarrow as pa

from usage.tokens import QUANTITIES

KEY = (
    "day",
    "utc_day",
    "posting_month",
    "context_id",
    "band",
    "price_window",
    "classes",
    "stated_currency",
)
SUMS = ("events", "lines", *QUANTITIES, "stated_cost", "stated_events")

SCHEMA = pa.schema(
    [
        ("day", pa.date32()),
        ("utc_day", pa.date32()),
        ("posting_month", pa.date32()),
        ("context_id", pa.int32()),
        ("band", pa.int64()),
        ("price_window", pa.string()),
        # Bit i is set where the i-th priced quantity (usage.tokens.PRICED) is above 0: it makes
        # the count of unpriced events exact.
        ("classes", pa.int16()),
        ("stated_currency", pa.string()),
        ("events", pa.int64()),
        ("lines", pa.int64()),
        *((name, pa.int64()) for name in QUANTITIES),
        ("stated_cost", pa.decimal128(38, 18)),
        ("stated_events", pa.int64()),
    ]
)
