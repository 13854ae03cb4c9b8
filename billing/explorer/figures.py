"""The measures the explorer offers: how each is read from a row, shown and put together."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from billing.margin import MarginRow
from billing.measures import DERIVED, MEASURES, Measure
from billing.reports.models import cache_rate, effective_price
from tknops.money import divide
from usage.tokens import QUANTITIES

_KINDS = {"money": "money", "percent": "percent", "price": "price"}
_CHANGES = {"money": "signed_money", "percent": "points"}
_PRICE_DIGITS = 8
_MONEY_DIGITS = 6


@dataclass(frozen=True, slots=True)
class Figures:
    """A row of the margin and, where asked for, who used it and what their calls cost."""

    row: MarginRow
    users: frozenset[str] | None = None
    used: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Offered:
    """A measure with its value; one that does not add is worked out anew for every total."""

    measure: Measure
    value: Callable[[Figures], Any]
    adds: bool = True
    needs_users: bool = False

    @property
    def kind(self) -> str:
        """How it is shown."""
        return _KINDS.get(self.measure.unit, "count")

    @property
    def change_kind(self) -> str:
        """How a change of it is shown; more cost is no good news."""
        if "cost" in self.measure.name and self.kind == "money":
            return "cost_change"
        return _CHANGES.get(self.measure.unit, self.kind)


def _field(name: str) -> Callable[[Figures], Any]:
    if name in QUANTITIES:
        return lambda found: found.row.tokens[name]
    return lambda found: getattr(found.row, name)


def _per_call(found: Figures) -> Decimal | None:
    if found.row.cost is None:
        return None
    return divide(found.row.cost, Decimal(found.row.events), _PRICE_DIGITS)


def _users(found: Figures) -> int | None:
    return None if found.users is None else len(found.users)


def _per_user(found: Figures) -> Decimal | None:
    if not found.users or found.used is None:
        return None
    return divide(found.used, Decimal(len(found.users)), _MONEY_DIGITS)


def _prices_per_token(found: Figures) -> Decimal | None:
    return effective_price(found.row)


def _cache_rate(found: Figures) -> Decimal | None:
    return cache_rate(found.row)


_NOT_SUMMED = {
    "per_call": (_per_call, False),
    "effective_price": (_prices_per_token, False),
    "cache_rate": (_cache_rate, False),
    "users": (_users, True),
    "per_user": (_per_user, True),
}
OFFERED = {
    **{one.name: Offered(one, _field(one.name), adds=one.unit != "percent") for one in MEASURES},
    **{
        one.name: Offered(one, _NOT_SUMMED[one.name][0], False, _NOT_SUMMED[one.name][1])
        for one in DERIVED
        if one.name in _NOT_SUMMED
    },
}
# Measures of revenue or made from it; without any, rows of revenue alone have nothing to show.
EARNING = frozenset(
    (
        "revenue", "invoiced_revenue", "contracted_revenue", "accrued_revenue", "margin",
        "margin_pct", "loaded_margin", "loaded_margin_pct",
    )
)  # fmt: skip
