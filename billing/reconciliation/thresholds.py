"""Whether what is between bill and tracked cost is small: green, amber or red."""

from decimal import Decimal

from billing.models import ReconciliationThreshold

GREEN, AMBER, RED, NO_BILL = "green", "amber", "red", "no bill"


def threshold_of(
    provider: str, rows: dict[str, ReconciliationThreshold]
) -> ReconciliationThreshold:
    """Return the provider's threshold, else that of every provider, else the default."""
    return rows.get(provider) or rows.get("") or ReconciliationThreshold()


def thresholds() -> dict[str, ReconciliationThreshold]:
    """Read the thresholds by provider."""
    return {row.provider_code: row for row in ReconciliationThreshold.objects.all()}


def state(gap: Decimal, usage: Decimal, limit: ReconciliationThreshold) -> str:
    """Judge the gap against the usage cost billed."""
    size = abs(gap)
    if size <= limit.ignore_below or size * 100 <= limit.green_pct * abs(usage):
        return GREEN
    return AMBER if size * 100 <= limit.amber_pct * abs(usage) else RED
