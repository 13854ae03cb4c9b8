"""Journal entries of a month for the general ledger: the only place that rounds to post."""

from billing.journal.chart import DEFAULTS, Chart
from billing.journal.entry import Account, Entry, JournalLine, in_minor_units
from billing.journal.frozen import chart_of, entries_of, frozen_journal, has_journal
from billing.journal.journal import Journal, journal
from billing.journal.verify import verify_journal

__all__ = [
    "DEFAULTS",
    "Account",
    "Chart",
    "Entry",
    "Journal",
    "JournalLine",
    "chart_of",
    "entries_of",
    "frozen_journal",
    "has_journal",
    "in_minor_units",
    "journal",
    "verify_journal",
]
