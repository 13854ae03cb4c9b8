"""The journal of a month: cost, provider bills and revenue as balanced entries."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import localcontext

from billing.journal.bills import bill_entries
from billing.journal.chart import Chart
from billing.journal.cost import accruals, true_ups
from billing.journal.entry import Entry
from billing.journal.pools import pool_entries
from billing.journal.revenue import revenue_entries
from billing.margin import MarginRow, margin, snapshot
from tknops.calendar import Period
from tknops.money import EXACT


@dataclass(frozen=True, slots=True)
class Journal:
    """Entries of a month, and the total cost they are made from: it says what lacks a price."""

    period: Period
    entries: Sequence[Entry]
    used: MarginRow


def journal(period: Period) -> Journal:
    """Make the entries of a month, the same ones under the same names each time."""
    with snapshot(), localcontext(EXACT):
        chart = Chart()
        used = margin(by=("provider", "cost_class"), period=period)
        entries = [
            *accruals(used, chart),
            *true_ups(period, chart),
            *pool_entries(period, chart),
            *bill_entries(period, chart),
            *revenue_entries(period, chart),
        ]
        return Journal(period, entries, used.total)
