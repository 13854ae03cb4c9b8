"""Charts of a plan: the spread of cost over its accounts, and the share a price covers."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from billing.pages.charts import base, number
from billing.reports.plan.pricing import Coverage
from billing.reports.plan.spread import Bin
from billing.templatetags.money import money


def histogram(bins: Sequence[Bin], price: Decimal | None) -> dict[str, Any]:
    """Accounts per range of cost, with what an account pays on average as a line."""
    return {
        **base("histogram", "Accounts by AI cost, against what an account pays on average"),
        "width": number(bins[0].high),
        "labels": [
            f"{money(one.low)} and more"
            if one.high is None
            else f"{money(one.low)} to under {money(one.high)}"
            for one in bins
        ],
        "lows": [number(one.low) for one in bins],
        "counts": [one.count for one in bins],
        "price": number(price),
    }


def curve(steps: Sequence[Coverage], price: Decimal | None) -> dict[str, Any]:
    """Share of accounts covered by a price, a step wherever it grows."""
    return {
        **base("curve", "Share of accounts a price covers at the target margin"),
        "points": [[number(one.price), number(one.share)] for one in steps],
        "price": number(price),
    }
