"""Journal entries of a month for the general ledger: the only place that rounds to post."""

from billing.journal.chart import DEFAULTS, Chart
from billing.journal.entry import Account, Entry, JournalLine, in_minor_units
from billing.journal.journal import Journal, journal

__all__ = [
    "DEFAULTS",
    "Account",
    "Chart",
    "Entry",
    "Journal",
    "JournalLine",
    "in_minor_units",
    "journal",
]
