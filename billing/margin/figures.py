"""The figures of a group of cube rows, as SQL and as read back: exact sums, None where unknown.

The SQL is over `g`, quantities summed per kind and price, `k`, its kind, and `p`, its prices. Money
is summed per currency and converted when read back: a product with a rate has more digits than
DuckDB's decimals.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from billing.margin.columns import column
from billing.margin.worth import Worth
from billing.measures import STATED
from billing.rates import DECIMALS
from usage.tokens import PRICED, QUANTITIES, TOKENS, UNITS

# A cost has at most 22 decimals: 10 of a price per million, 6 for the million, 6 of the units;
# and, converted, those of a rate.
COST_DECIMALS = 22 + DECIMALS


def figures(
    absent: Collection[str],
    *,
    basis: str,
    classed: bool,
    currencies: int,
    only: Collection[str] = (),
) -> str:
    """Sum quantities, what the provider stated, what the cost lacks per class, and the cost.

    The cost's part of class COGS follows where some kind is of another, `classed`. Quantities that
    are `absent` are 0 in every row and never read; `only` are those an event may lack a price for.
    """
    stated = basis == STATED
    columns = [
        "coalesce(sum(g.events), 0)::BIGINT",
        *(_total(name, absent) for name in QUANTITIES),
        "sum(g.stated_cost) FILTER (WHERE g.is_stated)",
        _UNSTATED_EVENTS if stated else _unpriced_events(only),
        *(
            _total(name, absent, "NOT g.is_stated" if stated else _unpriced(name, currencies))
            for name in PRICED
        ),
    ]
    for part in ("TRUE", "k.is_cogs") if classed else ("TRUE",):
        columns += _stated(part) if stated else _priced(absent, part, currencies)
    return ", ".join(columns)


@dataclass(frozen=True, slots=True)
class Cost:
    """A cost, None where it is unknown, whether anything of it is known, and what has no rate."""

    cost: Decimal | None
    priced: bool
    unconverted: dict[str, Decimal] = field(default_factory=dict)


def costs(
    found: Sequence[Any], *, basis: str, currencies: Sequence[str], stated_in: str, worth: Worth
) -> tuple[Cost, Cost]:
    """Read the cost and its part of class COGS out of the last columns of `figures`."""
    if basis == STATED:
        size = 2
        parts = [_stated_cost(found[at : at + size], stated_in, worth) for at in (0, size)]
    else:
        size = 3 * len(currencies) + 1
        parts = [_priced_cost(found[at : at + size], currencies, worth) for at in (0, size)]
    return parts[0], parts[1] if found[size:] else parts[0]


_ALL = (1 << len(PRICED)) - 1
_UNSTATED_EVENTS = "coalesce(sum(g.events) FILTER (WHERE NOT g.is_stated), 0)::BIGINT"


def _unpriced(name: str, currencies: int) -> str:
    return " AND ".join(f"p.{column(at, name)} IS NULL" for at in range(currencies))


def _unpriced_events(only: Collection[str]) -> str:
    asked = sum(1 << bit for bit, name in enumerate(PRICED) if name in only) or _ALL
    return f"""coalesce(sum(g.lines) FILTER (
        WHERE g.classes & {asked} & ({_ALL} - coalesce(p.priced, 0)) <> 0), 0)::BIGINT"""


def _total(name: str, absent: Collection[str], where: str = "TRUE") -> str:
    if name in absent:
        return "0::BIGINT"
    return f"coalesce(sum(g.{name}) FILTER (WHERE {where}), 0)::BIGINT"


def _stated(only: str) -> list[str]:
    """What the provider stated, and the events there are."""
    return [
        f"sum(g.stated_cost) FILTER (WHERE g.is_stated AND {only})",
        f"coalesce(sum(g.events) FILTER (WHERE {only}), 0)::BIGINT",
    ]


def _stated_cost(found: Sequence[Any], code: str, worth: Worth) -> Cost:
    if not found or found[0] is None:
        return Cost(None if found and found[1] else Decimal(0), priced=False)
    stated: Decimal = found[0]
    cost = worth.of(stated, code)
    return Cost(cost, cost is not None, {} if cost is not None else {code: stated})


def _priced(absent: Collection[str], only: str, currencies: int) -> list[str]:
    """Money of tokens and units and the quantity priced, per currency; then that without price."""
    tokens = [name for name in TOKENS if name not in absent]
    units = [UNITS] if UNITS not in absent else []
    everything = [*tokens, *units]

    def added(start: str, names: Sequence[str], factor: str, where: str) -> str:
        parts = [
            f"coalesce(sum(g.{n}{factor.format(n)}) FILTER (WHERE {where.format(n)}{only}), 0)"
            for n in names
        ]
        return " + ".join([start, *parts])

    columns = []
    for at in range(currencies):
        price = f"p.{column(at, '{0}')}"
        money = f"::DECIMAL(18,0) * {price}"
        columns += [
            added("0::DECIMAL(38,10)", tokens, money, ""),
            added("0::DECIMAL(38,10)", units, money, ""),
            f"({added('0', everything, '', f'{price} IS NOT NULL AND ')})::HUGEINT",
        ]
    missing = _unpriced("{0}", currencies)
    return [*columns, f"({added('0', everything, '', f'{missing} AND ')})::HUGEINT"]


def _priced_cost(found: Sequence[Any], currencies: Sequence[str], worth: Worth) -> Cost:
    """Add the money of each currency; None where nothing is known and something should be."""
    known, priced, missing = Decimal(0), 0, found[-1] if found else 0
    unconverted = {}
    for code, at in zip(currencies, range(0, len(found), 3), strict=False):
        tokens, units, quantity = found[at : at + 3]
        # Token prices are per million; units are in millionths besides.
        native = (tokens * 10**6 + units).scaleb(-12)
        cost = worth.of(native, code) if native else native
        if cost is None:
            unconverted[code] = native
            missing += quantity
        else:
            known += cost
            priced += quantity
    if missing and not priced:
        return Cost(None, priced=False, unconverted=unconverted)
    return Cost(known, bool(priced), unconverted)
