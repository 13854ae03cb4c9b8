"""The period picker: months, the last complete one by default."""

import datetime as dt
from dataclasses import dataclass

from django.http import HttpRequest
from django.utils import timezone

from tknops.calendar import Period, add_months, last_full_month, parse_bound

CHART_MONTHS = 13


@dataclass(frozen=True, slots=True)
class Picked:
    """The month shown, the one before, and the choice offered."""

    period: Period
    before: Period
    chart: Period
    key: str
    label: str
    choices: list[tuple[str, str]]


def picked(request: HttpRequest) -> Picked:
    """Read ?month=2026-10; anything else means the last complete month."""
    today = timezone.localdate()
    newest = last_full_month(today)
    start = newest.start
    try:
        start = parse_bound(request.GET["month"][:7])
    except (KeyError, ValueError):
        start = newest.start
    if not dt.date(2000, 1, 1) <= start <= today:
        start = newest.start
    end = add_months(start, 1)
    choices = [add_months(today.replace(day=1), -n) for n in range(CHART_MONTHS)]
    return Picked(
        period=Period(start, end),
        before=Period(add_months(start, -1), start),
        chart=Period(add_months(end, -CHART_MONTHS), end),
        key=f"{start:%Y-%m}",
        label=f"{start:%B %Y}",
        choices=[(f"{month:%Y-%m}", f"{month:%B %Y}") for month in choices],
    )
