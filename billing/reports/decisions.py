"""What a decision has done so far."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from billing.margin import MarginRow
from billing.models import Decision
from tknops.calendar import add_months, month_start


@dataclass(frozen=True, slots=True)
class Measured:
    """The AI margin of the month before the decision and of the newest month shown."""

    before_month: str
    before: Decimal | None
    now_month: str
    now: Decimal | None


def measured(decision: Decision, months: Mapping[str, MarginRow], newest: str) -> Measured | None:
    """Return the effect so far; None while no month after the decision's is shown."""
    before = f"{add_months(month_start(decision.decision_date), -1):%Y-%m}"
    if before >= newest:
        return None
    was, now = months.get(before), months.get(newest)
    return Measured(before, was.margin if was else None, newest, now.margin if now else None)
