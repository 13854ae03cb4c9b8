"""Health of a customer by its AI margin %; the thresholds are settings."""

from decimal import Decimal

from django.conf import settings

UNDER_WATER, AT_RISK, WATCH, HEALTHY = "under water", "at risk", "watch", "healthy"
STATES = (UNDER_WATER, AT_RISK, WATCH, HEALTHY)
DAYS_OF_DATA = 14


def health(margin_pct: Decimal | None, revenue: Decimal | None, cost: Decimal | None) -> str:
    """Name the state; '' without revenue or with unknown cost."""
    if not revenue or revenue <= 0 or cost is None or margin_pct is None:
        return ""
    for limit, state in zip(settings.HEALTH_THRESHOLDS, STATES, strict=False):
        if margin_pct < limit:
            return state
    return HEALTHY


def thresholds() -> str:
    """Say where the states begin, for the page."""
    low, middle, high = settings.HEALTH_THRESHOLDS
    return (
        f"under water below {low} %, at risk to {middle} %, "
        f"watch to {high} %, healthy from {high} %"
    )
