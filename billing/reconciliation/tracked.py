"""The tracked side: cost and quantities by model, token class and UTC day, from the margin."""

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from billing.margin import margin
from billing.reconciliation.parts import ZERO, Tracked
from tknops.calendar import Period, next_month
from usage.tokens import PRICED, UNITS

_BY = ("provider", "model", "utc_day")
_DAY = dt.timedelta(days=1)
Cell = tuple[str, str, dt.date, str]


@dataclass(slots=True)
class TrackedMonth:
    """Cells of a UTC month by (provider, model, UTC day, token class), and the reported cost.

    `reported` is the cost of the same month in reporting days, by (provider, model).
    """

    cells: dict[Cell, Tracked] = field(default_factory=dict)
    reported: dict[tuple[str, str], Decimal] = field(default_factory=lambda: defaultdict(Decimal))


def around(month: dt.date) -> Period:
    """Return the reporting days a UTC month may touch, in any zone."""
    return Period(month - _DAY, next_month(month) + _DAY)


def tracked_month(month: dt.date, providers: Sequence[str] = ()) -> TrackedMonth:
    """Ask for a UTC month; of all providers, or of some.

    A class at a time, so that each has its own cost: together they are the cost of the whole.
    """
    found = TrackedMonth()
    mine = {"provider": list(providers)} if providers else {}
    utc = mine | {"utc_month": [f"{month:%Y-%m}"]}
    days = around(month)
    used = margin(by=(), period=days, filters=utc, live=True).total.tokens
    for name in PRICED:
        if not used[name]:
            continue
        for row in margin(by=_BY, period=days, filters=utc, only=(name,)).rows:
            provider, model, day = row.key
            cell = (provider, model, dt.date.fromisoformat(day), name)
            quantity, unpriced = row.tokens[name], row.unpriced.get(name, 0)
            if quantity:
                scale = -6 if name == UNITS else 0  # units are kept in millionths
                found.cells[cell] = Tracked(
                    row.cost or ZERO,
                    Decimal(quantity).scaleb(scale),
                    Decimal(unpriced).scaleb(scale),
                )
    whole = Period(month, next_month(month))
    for row in margin(by=("provider", "model"), period=whole, filters=mine, live=True).rows:
        if row.events:  # revenue, which no provider has, stands in a row of its own
            found.reported[row.key[0], row.key[1]] = row.cost or ZERO
    return found


def tracked_by_month(months: Sequence[dt.date]) -> dict[tuple[str, dt.date], Decimal]:
    """Return the tracked cost by provider and UTC month, for a range of months."""
    days = Period(months[0] - _DAY, next_month(months[-1]) + _DAY)
    keys = [f"{month:%Y-%m}" for month in months]
    by, filters = ("provider", "utc_month"), {"utc_month": keys}
    rows = margin(by=by, period=days, filters=filters, live=True).rows
    return {
        (row.key[0], dt.date.fromisoformat(f"{row.key[1]}-01")): row.cost
        for row in rows
        if row.cost is not None
    }
