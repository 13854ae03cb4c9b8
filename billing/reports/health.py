"""How well a customer earns: states by AI margin %, with thresholds the operator sets."""

from collections.abc import Sequence
from decimal import Decimal

UNDER_WATER, AT_RISK, WATCH, HEALTHY, NONE = (
    "under water", "at risk", "watch", "healthy", "none",
)  # fmt: skip
STATES = (UNDER_WATER, AT_RISK, WATCH, HEALTHY, NONE)
LEAST_DAYS = 14


def health(
    *,
    revenue: Decimal | None,
    margin_pct: Decimal | None,
    thresholds: Sequence[int],
    enough_data: bool = True,
) -> str:
    """Return the state; none without revenue or with too little data.

    Thresholds are the AI margin % below which it is under water, at risk, to watch.
    """
    if revenue is None or revenue <= 0 or margin_pct is None or not enough_data:
        return NONE
    for state, below in zip((UNDER_WATER, AT_RISK, WATCH), thresholds, strict=True):
        if margin_pct < below:
            return state
    return HEALTHY
