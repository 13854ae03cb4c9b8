"""The journal of a month: cost, provider bills and revenue as balanced entries."""

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext

from billing.journal.chart import Chart
from billing.journal.corrections import BY, corrections, of_records
from billing.journal.cost import accruals
from billing.journal.entry import Entry
from billing.journal.frozen import entries_of, has_journal
from billing.margin import MarginReport, MarginRow, margin, snapshot
from billing.measures import CHARGE_CLASS, REGULAR
from billing.models import MonthClose
from tknops.calendar import Period, next_month
from tknops.money import EXACT


@dataclass(frozen=True, slots=True)
class Journal:
    """Entries of a month, and the total cost they are made from: it says what lacks a price.

    `close` is the close in force, whose manifest has the entries if they are `frozen`. `unfrozen`
    are earlier months closed without a journal, whose changes are not corrected but for AI cost.
    """

    period: Period
    entries: Sequence[Entry]
    used: MarginRow
    close: MonthClose | None = None
    frozen: bool = False
    unfrozen: Sequence[dt.date] = ()


def journal(period: Period) -> Journal:
    """Return the entries of a month: frozen ones of a closed month, else made of its records.

    The first open month has corrections of the closed ones too.
    """
    with snapshot(), localcontext(EXACT):
        closes = MonthClose.objects.filter(reopening=None, month__lte=period.start)
        before = list(closes.order_by("month"))
        close = before.pop() if before and before[-1].month == period.start else None
        used = used_in(period)
        if close and has_journal(close.manifest):
            return Journal(period, entries_of(close.manifest), used.total, close, frozen=True)
        chart = Chart()
        if close:  # by a version that froze no journal: its file has what it accrued
            entries = [*accruals(costs_of(used), period, chart), *of_records(period, chart)]
            return Journal(period, entries, used.total, close)
        if before and next_month(before[-1].month) != period.start:
            before = []
        own = accruals(costs_of(used, REGULAR), period, chart)
        entries = [*own, *of_records(period, chart), *corrections(period, before)]
        unfrozen = [one.month for one in before if not has_journal(one.manifest)]
        return Journal(period, entries, used.total, unfrozen=unfrozen)


def used_in(period: Period) -> MarginReport:
    """Ask for the cost of a month by charge class, provider and cost class."""
    return margin(by=(CHARGE_CLASS, *BY), period=period)


def costs_of(used: MarginReport, charge_class: str = "") -> dict[tuple[str, ...], Decimal]:
    """Sum the cost that is known, by provider and cost class; of one charge class or of all."""
    found: dict[tuple[str, ...], Decimal] = defaultdict(Decimal)
    for row in used.rows:
        if row.cost and charge_class in {"", row.key[0]}:
            found[row.key[1:]] += row.cost
    return found
