"""Missing rates: which pair on which days, and the money that waits for them."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from urllib.parse import urlencode

from billing.margin import margin
from billing.measures import STATED
from billing.rates import REACH, Rate
from billing.reports.rows import ZERO
from billing.reports.table import Column, Row, Table
from tknops.calendar import Period, parse_bound
from tknops.money import minor_digits, round_half_up

REVENUE, COST, STATED_COST, SHARED = "revenue", "cost", "stated", "shared"
_COLUMNS = (
    Column("pair", "Pair"),
    Column("first", "From"),
    Column("last", "To"),
    Column("days", "Days", "count", "days that need a rate and have none up to 7 days before"),
    Column(REVENUE, "Revenue", help="waiting, in its own currency: in no total"),
    Column(COST, "AI cost", help="waiting, in its own currency: in no total"),
    Column(STATED_COST, "Provider-stated cost", help="waiting, in its own currency: in no total"),
    Column(SHARED, "Shared cost", help="waiting, in its own currency: in no total"),
    Column("add", "Rate"),
)
_USED = (
    Column("base", "Currency"),
    Column("date", "Published for"),
    Column("rate", "One is", help="as published, or rounded half-up once to 12 decimals"),
    Column("how", "How"),
    Column("source", "Source"),
)


@dataclass(slots=True)
class Missing:
    """A stretch of days of one currency without a rate, and the money of each kind."""

    currency: str
    first: dt.date
    last: dt.date
    days: set[dt.date] = field(default_factory=set)
    money: dict[str, Decimal] = field(default_factory=dict)


def missing_rates(period: Period) -> list[Missing]:
    """List the stretches without a rate, each no further apart inside than a rate reaches."""
    waiting: dict[str, dict[dt.date, dict[str, Decimal]]] = defaultdict(
        lambda: defaultdict(lambda: defaultdict(Decimal))
    )
    for kind, code, day, amount in _waiting(period):
        waiting[code][day][kind] += amount
    return [found for code in sorted(waiting) for found in _stretches(code, waiting[code])]


def missing_table(rows: Iterable[Missing], currency: str) -> Table:
    """Lay them out; each offers to add the first rate it lacks."""
    return Table(
        _COLUMNS,
        [_row(row, currency) for row in rows],
        caption="Missing rates",
        name="missing",
        note="Unconverted money is in no total; a rate reaches 7 days on, over any week end.",
    )


def used_table(rates: Sequence[Rate]) -> Table:
    """Lay out the rates figures were converted by."""
    rows = [
        Row({
            "base": rate.base,
            "date": rate.date.isoformat(),
            "rate": f"{rate.rate.normalize():f} {rate.quote}",
            "how": rate.how,
            "source": rate.source,
        })
        for rate in rates
    ]  # fmt: skip
    return Table(_USED, rows, caption="Rates used", name="rates")


def _waiting(period: Period) -> Iterable[tuple[str, str, dt.date, Decimal]]:
    """Ask by day, so that money without a rate stands on the days it waits for."""
    report = margin(by=["day"], period=period)
    stated = margin(by=["day"], period=period, basis=STATED)
    for (code, day), amount in report.waiting.items():
        yield REVENUE, code, day, amount
    for (code, day), amount in report.waiting_allocated.items():
        yield SHARED, code, day, amount
    for kind, rows in ((COST, report.rows), (STATED_COST, stated.rows)):
        for row in rows:
            for code, amount in row.unconverted.items():
                yield kind, code, parse_bound(row.key[0]), amount


def _stretches(code: str, days: Mapping[dt.date, Mapping[str, Decimal]]) -> list[Missing]:
    found: list[Missing] = []
    for day in sorted(days):
        if not found or (day - found[-1].last).days > REACH:
            found.append(Missing(code, day, day))
        stretch = found[-1]
        stretch.last = day
        stretch.days.add(day)
        for kind, amount in days[day].items():
            stretch.money[kind] = stretch.money.get(kind, ZERO) + amount
    return found


def _row(row: Missing, currency: str) -> Row:
    asked = {"base": row.currency, "quote": currency, "date": row.first.isoformat()}
    return Row(
        {
            "pair": f"{row.currency} → {currency}",
            "first": row.first.isoformat(),
            "last": row.last.isoformat(),
            "days": len(row.days),
            **{
                kind: _written(row.money[kind], row.currency) if kind in row.money else ""
                for kind in (REVENUE, COST, STATED_COST, SHARED)
            },
        },
        links={"add": f"billing/exchangerate/add/?{urlencode(asked)}"},
        actions={"add": "Add a rate"},
    )


def _written(amount: Decimal, code: str) -> str:
    return f"{round_half_up(amount, minor_digits(code)):,} {code}"
