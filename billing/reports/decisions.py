"""What a decision has done so far."""

from collections.abc import Mapping

from billing.margin import MarginRow
from billing.models import Decision
from billing.templatetags.money import money
from tknops.calendar import add_months, month_start


def measured(decision: Decision, months: Mapping[str, MarginRow], newest: str) -> str:
    """Say the margin of the month before the decision and of the newest month shown."""
    before = f"{add_months(month_start(decision.decision_date), -1):%Y-%m}"
    if before >= newest:
        return "not measurable yet: no month after it is shown"
    was, now = months.get(before), months.get(newest)
    return (
        f"AI margin {money(was.margin if was else None)} in {before}, "
        f"{money(now.margin if now else None)} in {newest}"
    )
