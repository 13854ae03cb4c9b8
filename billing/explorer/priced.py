"""The prices in force for one event, by the same resolved price book as the margin's."""

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pyarrow as pa
from django.conf import settings

from billing.margin.prices import prices
from usage.pricing import sku_bands
from usage.revisions import Revisions
from usage.tokens import INPUT_TOKENS, PRICED, UNITS


class Pricing:
    """The resolved prices of the SKUs of some kinds."""

    def __init__(self, kinds: pa.Table, revisions: Revisions) -> None:
        """Resolve them once."""
        self._bands = {row.sku_id: row for row in sku_bands()}
        self._rows: dict[tuple[int, str, int, str], list[dict[str, Any]]] = defaultdict(list)
        for row in prices(kinds, revisions).to_pylist():
            self._rows[row["sku_id"], row["unit"], row["band"], row["price_window"]].append(row)

    def of(
        self, sku: int, unit: str, at: dt.datetime, quantities: Mapping[str, int]
    ) -> dict[str, Decimal]:
        """Return the price per million of each quantity; one without a price is missing."""
        band, window = self._cut(sku, at, quantities)
        day = at.astimezone(settings.REPORTING_ZONE).date()
        for row in self._rows.get((sku, unit, band, window), []):
            if row["start"] <= day < row["end"]:
                found = {name: row[f"p_{name}"] for name in quantities if name in PRICED}
                return {name: price for name, price in found.items() if price is not None}
        return {}

    def _cut(self, sku: int, at: dt.datetime, quantities: Mapping[str, int]) -> tuple[int, str]:
        """Return threshold and window, as folding cuts usage."""
        bands = self._bands.get(sku)
        if bands is None:
            return 0, ""
        size = sum(quantities.get(name, 0) for name in INPUT_TOKENS)
        clock = f"{at.astimezone(dt.UTC):%H:%M}"
        below = [threshold for threshold in bands.thresholds if threshold < size]
        inside = [window for window in bands.windows if _within(window, clock)]
        return max(below, default=0), min(inside, default="")

    @staticmethod
    def cost(
        quantities: Mapping[str, int], found: Mapping[str, Decimal]
    ) -> tuple[Decimal | None, list[str]]:
        """Return Σ quantity × price ÷ 10⁶, units in millionths besides, and what has no price."""
        unpriced = [name for name in quantities if name in PRICED and name not in found]
        if unpriced and not found:
            return None, unpriced
        cost = Decimal(0)
        for name, price in found.items():
            cost += (quantities[name] * price).scaleb(-12 if name == UNITS else -6)
        return cost, unpriced


def _within(window: str, clock: str) -> bool:
    start, end = window[:5], window[-5:]
    return start <= clock < end if start <= end else clock >= start or clock < end
