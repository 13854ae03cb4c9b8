"""The figures of a group of cube rows, as SQL and as read back: exact sums, None where unknown.

The SQL is over `g`, quantities summed per kind and price, `k`, its kind, and `p`, its prices.
"""

from collections.abc import Collection, Sequence
from decimal import Decimal
from typing import Any

from billing.measures import STATED
from usage.tokens import PRICED, QUANTITIES, TOKENS, UNITS


def figures(
    absent: Collection[str], *, basis: str, classed: bool, only: Collection[str] = ()
) -> str:
    """Sum quantities, what the provider stated, what the cost lacks per class, and the cost.

    The cost's part of class COGS follows where some kind is of another, `classed`. Quantities that
    are `absent` are 0 in every row and never read; `only` are those an event may lack a price for.
    """
    stated = basis == STATED
    lacking = "NOT g.is_stated" if stated else "p.p_{} IS NULL"
    block = _stated if stated else _priced
    columns = [
        "coalesce(sum(g.events), 0)::BIGINT",
        *(_total(name, absent) for name in QUANTITIES),
        "sum(g.stated_cost) FILTER (WHERE g.is_stated)",
        _UNSTATED_EVENTS if stated else _unpriced_events(only),
        *(_total(name, absent, lacking.format(name)) for name in PRICED),
        *block(absent, "TRUE"),
    ]
    if classed:
        columns += block(absent, "k.is_cogs")
    return ", ".join(columns)


# A cost, None where it is unknown, and whether anything of it has a price or a statement.
Cost = tuple[Decimal | None, bool]


def costs(found: Sequence[Any], *, basis: str) -> tuple[Cost, Cost]:
    """Read the cost and its part of class COGS out of the last columns of `figures`."""
    size, cost = (2, _stated_cost) if basis == STATED else (4, _priced_cost)
    whole = cost(*found[:size])
    return whole, cost(*found[size:]) if found[size:] else whole


_ALL = (1 << len(PRICED)) - 1
_UNSTATED_EVENTS = "coalesce(sum(g.events) FILTER (WHERE NOT g.is_stated), 0)::BIGINT"


def _unpriced_events(only: Collection[str]) -> str:
    asked = sum(1 << bit for bit, name in enumerate(PRICED) if name in only) or _ALL
    return f"""coalesce(sum(g.lines) FILTER (
        WHERE g.classes & {asked} & ({_ALL} - coalesce(p.priced, 0)) <> 0), 0)::BIGINT"""


def _total(name: str, absent: Collection[str], where: str = "TRUE") -> str:
    if name in absent:
        return "0::BIGINT"
    return f"coalesce(sum(g.{name}) FILTER (WHERE {where}), 0)::BIGINT"


def _stated(_absent: Collection[str], only: str) -> list[str]:
    """What the provider stated, and the events there are."""
    return [
        f"sum(g.stated_cost) FILTER (WHERE g.is_stated AND {only})",
        f"coalesce(sum(g.events) FILTER (WHERE {only}), 0)::BIGINT",
    ]


def _stated_cost(stated: Decimal | None, events: int) -> Cost:
    return Decimal(0) if stated is None and not events else stated, stated is not None


def _priced(absent: Collection[str], only: str) -> list[str]:
    """Money of tokens and of units, the quantity that has a price, and the one that has none."""
    tokens = [name for name in TOKENS if name not in absent]
    units = [UNITS] if UNITS not in absent else []

    def added(start: str, names: Sequence[str], factor: str, where: str) -> str:
        parts = [
            f"coalesce(sum(g.{n}{factor.format(n)}) FILTER (WHERE {where.format(n)}{only}), 0)"
            for n in names
        ]
        return " + ".join([start, *parts])

    money = "::DECIMAL(18,0) * p.p_{}"
    return [
        added("0::DECIMAL(38,10)", tokens, money, ""),
        added("0::DECIMAL(38,10)", units, money, ""),
        f"({added('0', [*tokens, *units], '', 'p.p_{} IS NOT NULL AND ')})::HUGEINT",
        f"({added('0', [*tokens, *units], '', 'p.p_{} IS NULL AND ')})::HUGEINT",
    ]


def _priced_cost(tokens: Decimal, units: Decimal, priced: int, missing: int) -> Cost:
    """Add the money of tokens and units; None where nothing has a price and something lacks it."""
    if missing and not priced:
        return None, False
    # Token prices are per million; units are in millionths besides.
    return (tokens * 10**6 + units).scaleb(-12), bool(priced)
