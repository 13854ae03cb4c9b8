"""Small arithmetic the reports share; unknown stays None."""

from collections.abc import Iterable, Sequence
from decimal import Decimal

from billing.margin import MarginReport, MarginRow
from billing.measures import UNATTRIBUTED
from tknops.money import divide

DECIMALS = 4
HUNDRED = Decimal(100)


def percent(part: Decimal | None, whole: Decimal | None) -> Decimal | None:
    """Return part in percent of whole; None where the whole is not above 0."""
    if part is None or whole is None or whole <= 0:
        return None
    return divide(part * HUNDRED, whole, DECIMALS)


def difference(now: Decimal | None, before: Decimal | None) -> Decimal | None:
    """Return now − before; None if one is unknown."""
    return now - before if now is not None and before is not None else None


def per(part: Decimal | None, count: int) -> Decimal | None:
    """Return a mean with ten decimals."""
    return divide(part, Decimal(count), 10) if part is not None and count else None


def total(values: Iterable[Decimal | None]) -> Decimal:
    """Sum what is known."""
    return sum((value for value in values if value is not None), Decimal(0))


def by_key(report: MarginReport) -> dict[str, MarginRow]:
    """Index rows grouped by one dimension."""
    return {row.key[0]: row for row in report.rows}


def named(report: MarginReport, dimension: str, key: str) -> str:
    """Return the shown name of a key."""
    return report.labels.get(dimension, {}).get(key, key)


def percentile(values: Sequence[Decimal], share: int) -> Decimal | None:
    """Return the nearest-rank percentile."""
    if not values:
        return None
    ranked = sorted(values)
    return ranked[max(0, -(-len(ranked) * share // 100) - 1)]


def loss_on_paying(rows: Iterable[MarginRow]) -> Decimal:
    """Sum max(0, cost − revenue) over customers with revenue."""
    return total(-row.margin for row in losing(rows) if row.margin is not None)


def losing(rows: Iterable[MarginRow]) -> list[MarginRow]:
    """Return paying customers whose cost exceeds their revenue, largest loss first."""
    found = [
        row
        for row in rows
        if row.key[0] != UNATTRIBUTED
        and row.revenue is not None
        and row.revenue > 0
        and row.margin is not None
        and row.margin < 0
    ]
    return sorted(found, key=lambda row: (row.margin or Decimal(0), row.key))
