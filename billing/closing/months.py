"""Which months are closed, which is next, and where each stands."""

import datetime as dt
from dataclasses import dataclass

from django.conf import settings
from django.db.models import Min

from billing.closing.errors import ClosingError
from billing.models import InvoiceLine, MonthClose
from tknops.calendar import Period, add_months, month_start, next_month
from usage import cube


@dataclass(frozen=True, slots=True)
class Closing:
    """A month with its revisions, the newest first; `close` is the one in force."""

    month: dt.date
    revisions: tuple[MonthClose, ...]

    @property
    def close(self) -> MonthClose | None:
        """The revision in force; None while the month is open."""
        return next((one for one in self.revisions if not hasattr(one, "reopening")), None)


def closings() -> list[Closing]:
    """List every month that was ever closed, the newest first."""
    rows = MonthClose.objects.select_related("reopening", "closed_by", "approved_by")
    by_month: dict[dt.date, list[MonthClose]] = {}
    for row in rows.order_by("-month", "-revision"):
        by_month.setdefault(row.month, []).append(row)
    return [Closing(month, tuple(some)) for month, some in by_month.items()]


def in_force() -> list[MonthClose]:
    """List the closes in force, the first month first."""
    return list(MonthClose.objects.filter(reopening=None).order_by("month"))


def closed_within(period: Period) -> list[dt.date]:
    """List the closed months of a period, the first one first."""
    return [one.month for one in in_force() if period.start <= one.month < period.end]


def next_to_close(now: dt.datetime) -> dt.date | None:
    """Return the month that may be closed now; None if it has not ended, or there is no usage.

    The first one may be any: it is offered as the last complete month.
    """
    this = month_start(now.astimezone(settings.REPORTING_ZONE).date())
    closed = in_force()
    if closed:
        following = next_month(closed[-1].month)
        return following if following < this else None
    return add_months(this, -1) if cube.covered() else None


def left_open(now: dt.datetime) -> list[dt.date]:
    """List the months before the first closed one, which stay open, the oldest first.

    From the first with usage or an invoice on; while none is closed, before the one offered.
    """
    closed = in_force()
    before = closed[0].month if closed else next_to_close(now)
    used, lines = cube.covered(), InvoiceLine.objects.aggregate(
        issued=Min("invoice__invoice_date"), served=Min("service_start")
    )  # fmt: skip
    days = [day for day in (used and used.start, *lines.values()) if day is not None]
    if before is None or not days:
        return []
    start = month_start(min(days))
    return [part.start for part in Period(start, max(before, start)).months()]


def must_be_next(month: dt.date, now: dt.datetime) -> Period:
    """Return the days of a month that may be closed. Raises ClosingError."""
    this = month_start(now.astimezone(settings.REPORTING_ZONE).date())
    if month.day != 1:
        message = f"{month} is not the first day of a month"
        raise ClosingError(message)
    closed = in_force()
    if any(one.month == month for one in closed):
        message = f"{month:%Y-%m} is closed already"
        raise ClosingError(message)
    if month >= this:
        message = f"{month:%Y-%m} has not ended; the last complete month is {_before(this):%Y-%m}"
        raise ClosingError(message)
    if closed and month != next_month(closed[-1].month):
        following = next_month(closed[-1].month)
        message = f"months close in order: after {closed[-1].month:%Y-%m} comes {following:%Y-%m}"
        raise ClosingError(message)
    return Period(month, next_month(month))


def _before(month: dt.date) -> dt.date:
    return add_months(month, -1)
