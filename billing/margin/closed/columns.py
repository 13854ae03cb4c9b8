"""The columns of a frozen month: what a row is of, its labels, and its exact figures.

Money has up to 36 decimals, more than one column of a decimal holds: `<name>` has the first 18,
`<name>_rest` the following 18 as an integer. Both are summed exactly and read back as one.
"""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation

import pyarrow as pa

from billing.measures import COST_BASES
from usage.tokens import PRICED, QUANTITIES

USAGE, REVENUE, ALLOCATED = "usage", "revenue", "allocated"
# The part of the cost of a basis that has a price and no rate, beside the usage it is of.
UNCONVERTED = "unconverted"
# Labels of shared cost in an attribute nobody has: what a later one reads for who is no customer.
OTHERWISE = "customer.(otherwise)"
IDS = ("customer_id", "end_user_id", "team_id", "feature_id")
_HALF = 18
MONEY = pa.decimal128(38, _HALF)


def cost_columns(basis: str) -> list[str]:
    """Name the columns of the cost on a basis, in the order of `figures_of`."""
    return [f"{basis}_unpriced_events", *(f"{basis}_unpriced_{name}" for name in PRICED)]


def schema(labels: Sequence[str]) -> pa.Schema:
    """Return the columns of a file with these dimensions."""
    money = [pa.field("amount", MONEY), pa.field("amount_rest", pa.int64())]
    money += [pa.field("stated_cost", MONEY), pa.field("stated_cost_rest", pa.int64())]
    counts = [pa.field(name, pa.int64()) for name in ("events", *QUANTITIES)]
    for basis in COST_BASES:
        money += [
            pa.field(f"cost_{basis}", MONEY),
            pa.field(f"cost_{basis}_rest", pa.int64()),
            pa.field(f"{basis}_priced", pa.bool_()),
        ]
        counts += [pa.field(name, pa.int64()) for name in cost_columns(basis)]
    return pa.schema(
        [
            pa.field("record", pa.string()),
            pa.field("charge_class", pa.string()),
            pa.field("day", pa.date32()),
            pa.field("usage_day", pa.date32()),
            pa.field("utc_day", pa.date32()),
            pa.field("context_id", pa.int32()),
            *(pa.field(name, pa.int64()) for name in IDS),
            pa.field("basis", pa.string()),
            pa.field("currency", pa.string()),
            *(pa.field(name, pa.string()) for name in labels),
            *counts,
            *money,
        ]
    )


def halves(name: str, value: Decimal | None) -> dict[str, object]:
    """Write money in two columns. Raises ValueError if it has more decimals than they hold."""
    if value is None:
        return {name: None, f"{name}_rest": None}
    whole = value.scaleb(2 * _HALF)
    try:
        number = int(whole)
        exact = number == whole
    except (InvalidOperation, OverflowError):
        exact = False
    if not exact:
        message = f"{value} has more than {2 * _HALF} decimals and cannot be frozen"
        raise ValueError(message)
    first, rest = divmod(number, 10**_HALF)
    return {name: Decimal(first).scaleb(-_HALF), f"{name}_rest": rest}


def joined(first: Decimal | None, rest: int | None) -> Decimal | None:
    """Read money back from the sums of its two columns; None where there is none."""
    if first is None or rest is None:
        return None
    return first + Decimal(rest).scaleb(-2 * _HALF)


def date_of(text: str) -> dt.date:
    """Read a day's key."""
    return dt.date.fromisoformat(text)
