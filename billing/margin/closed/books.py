"""Which months are closed and where their figures are."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.conf import settings

from billing.margin.memory import Memory
from billing.models import MonthClose
from tknops.calendar import Period, next_month
from usage.revisions import Revisions

TABLES = ("billing_monthclose", "billing_reopening")
_held = Memory()


class OtherCurrencyError(RuntimeError):
    """Closed months are frozen in another currency than the one reports are to be in."""

    def __init__(self, frozen: str, asked: str, months: Sequence[dt.date]) -> None:
        self.frozen, self.asked, self.months = frozen, asked, sorted(months)
        super().__init__(
            f"{self.named} closed in {frozen}; REPORTING_CURRENCY is {asked}: set it to {frozen}, "
            "or open them again, the last first (manage.py reopen_month)"
        )

    @property
    def named(self) -> str:
        """Name the months as the beginning of a sentence."""
        first, last = self.months[0], self.months[-1]
        if first == last:
            return f"{first:%B %Y} is"
        return f"{first:%B %Y} to {last:%B %Y} are"

    @property
    def last_first(self) -> list[dt.date]:
        """The months in the order they can be opened again."""
        return self.months[::-1]


@dataclass(frozen=True, slots=True)
class Books:
    """The closed months, one after another, each with its file; `ever`: any month ever was."""

    files: Mapping[dt.date, str]
    ever: bool = False

    @property
    def closed(self) -> Period | None:
        """The days of all closed months."""
        return Period(min(self.files), next_month(max(self.files))) if self.files else None

    @property
    def first_open(self) -> dt.date | None:
        """The first day of the first open month; None while none is closed."""
        return next_month(max(self.files)) if self.files else None

    def closed_part(self, period: Period) -> Period | None:
        """Return the days of a period that are closed."""
        return _common(period, self.closed) if self.closed else None

    def open_parts(self, period: Period) -> list[Period]:
        """Return the days of a period that are not, before and after."""
        if self.closed is None:
            return [period]
        before = Period(period.start, min(period.end, self.closed.start))
        after = Period(max(period.start, self.closed.end), period.end)
        return [part for part in (before, after) if part.days > 0]

    def paths(self, period: Period) -> tuple[str, ...]:
        """Name the files that hold days of a period, in order."""
        return tuple(
            path
            for month, path in sorted(self.files.items())
            if _common(period, Period(month, next_month(month)))
        )


def books_of(revisions: Revisions) -> Books:
    """Return which months are closed. Raises OtherCurrencyError."""
    key = (revisions.of(*TABLES), settings.REPORTING_CURRENCY, str(settings.CLOSED_DIR))
    return _held.get(key, _read)


def forget() -> None:
    """Drop what this process remembers."""
    _held.clear()


def _read() -> Books:
    closes = list(MonthClose.objects.filter(reopening=None).order_by("revision"))
    # The newest in another currency tells which one it is.
    elsewhere = [one for one in closes if one.manifest["currency"] != settings.REPORTING_CURRENCY]
    if elsewhere:
        frozen = elsewhere[-1].manifest["currency"]
        raise OtherCurrencyError(
            frozen, settings.REPORTING_CURRENCY, [one.month for one in elsewhere]
        )
    files = {one.month: str(settings.CLOSED_DIR / one.file_name) for one in closes}
    return Books(files, ever=bool(files) or MonthClose.objects.exists())


def _common(one: Period, other: Period) -> Period | None:
    both = Period(max(one.start, other.start), min(one.end, other.end))
    return both if both.days > 0 else None
