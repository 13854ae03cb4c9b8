"""Resolve one price: plain contracted, else committed rate, else list × factors − discount."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Context, Decimal, DivisionByZero, Inexact, InvalidOperation

from tknops.money import round_half_up
from usage.models import Price, PriceAdjustment
from usage.pricing.adjusting import Bought, applicable
from usage.pricing.figures import DECIMALS
from usage.tokens import UNCACHED

_KIND = PriceAdjustment.Kind
# Wide enough for every product of figures of 20 digits: one that is inexact is an error.
_WIDE = Context(prec=160, traps=[InvalidOperation, DivisionByZero, Inexact])
_LARGEST = Decimal(10) ** 10
_HUNDRED = Decimal(100)
# By token class and unit.
Prices = Mapping[tuple[str, str], Sequence[Price]]


@dataclass(frozen=True, slots=True)
class At:
    """When and how large a request is: price band, daily window, day."""

    band: int
    window: str
    day: dt.date


@dataclass(frozen=True, slots=True)
class Resolved:
    """A price per million of 10 decimals, the exact one before rounding, and what made it."""

    exact: Decimal
    made_of: tuple[Price | PriceAdjustment, ...]

    @property
    def per_million(self) -> Decimal:
        """Return it rounded half-up to the decimals of a price."""
        return round_half_up(self.exact, DECIMALS)

    @property
    def is_rounded(self) -> bool:
        """Whether the price has fewer decimals than the product it comes from."""
        return self.per_million != self.exact

    def times(self, factor: Decimal, by: PriceAdjustment) -> "Resolved":
        """Multiply exactly."""
        return Resolved(_WIDE.multiply(self.exact, factor), (*self.made_of, by))


def resolve(
    prices: Prices,
    covering: Sequence[PriceAdjustment],
    bought: Bought,
    key: tuple[str, str],
    at: At,
) -> Resolved | None:
    """Return the contracted price of a (token class, unit); None = no price.

    `prices` are the model's, `covering` its adjustments, the most specific first.
    """
    plain = _plain(prices, bought, key, at, Price.Kind.CONTRACTED)
    if plain is not None:
        return plain
    rate = applicable(covering, _KIND.COMMITTED_RATE, *key, at.day)
    if rate is not None:
        return Resolved(rate.value, (rate,))
    found = _factored(prices, covering, bought, key, at)
    discount = applicable(covering, _KIND.NEGOTIATED_DISCOUNT, *key, at.day)
    if found is not None and discount is not None:
        found = found.times(_WIDE.divide(_HUNDRED - discount.value, _HUNDRED), discount)
    return found if found is None or found.exact < _LARGEST else None


def listed(prices: Prices, bought: Bought, key: tuple[str, str], at: At) -> Resolved | None:
    """Return the public price, without any adjustment."""
    return _plain(prices, bought, key, at, Price.Kind.LIST)


def _factored(
    prices: Prices,
    covering: Sequence[PriceAdjustment],
    bought: Bought,
    key: tuple[str, str],
    at: At,
) -> Resolved | None:
    """List price, or what a factor makes of the list price it refers to."""
    parents: list[tuple[str, Callable[[], tuple[Bought, tuple[str, str]]]]] = [
        (_KIND.TIER_FACTOR, lambda: (_without(bought, tier=True), key)),
        (_KIND.REGION_FACTOR, lambda: (_without(bought, tier=False), key)),
    ]
    if key[0] in UNCACHED:
        parents.insert(0, (_KIND.CACHE_FACTOR, lambda: (bought, (UNCACHED[key[0]], ""))))
    for kind, parent in parents:
        factor = applicable(covering, kind, *key, at.day)
        if factor is not None:
            rest = [row for row in covering if row.kind != kind]
            base = _factored(prices, rest, *parent(), at)
            return base.times(factor.value, factor) if base else None
    return listed(prices, bought, key, at)


def _without(bought: Bought, *, tier: bool) -> Bought:
    if tier:
        return Bought(bought.provider, bought.model, "", bought.region)
    return Bought(bought.provider, bought.model, bought.tier, "")


def _plain(
    prices: Prices, bought: Bought, key: tuple[str, str], at: At, kind: str
) -> Resolved | None:
    """Own window first, the highest threshold up to the band, own region, by hand, the newest."""
    best: tuple[tuple[object, ...], Price] | None = None
    for number, price in enumerate(prices.get(key, ())):
        if price.kind == kind and _fits(price, bought, at):
            rank = (
                bool(price.price_window),
                price.threshold,
                bool(price.region),
                price.source == "manual",
                number,
            )
            if best is None or rank > best[0]:
                best = rank, price
    return Resolved(best[1].per_million, (best[1],)) if best else None


def _fits(price: Price, bought: Bought, at: At) -> bool:
    return (
        price.service_tier == bought.tier
        and price.region in {"", bought.region}
        and price.threshold <= at.band
        and price.price_window in {"", at.window}
        and (price.valid_from or dt.date.min) <= at.day < (price.valid_to or dt.date.max)
    )
