"""Entries balance, each and per currency; the revenue posted is that of the slices."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

from billing.journal import DEFAULTS, Entry, journal
from billing.models import Posting
from billing.revenue import RevenueSlice
from drills.ties.found import Found
from tknops.calendar import Period


def check_journal(
    found: Found, months: Iterable[Period], slices: Sequence[RevenueSlice] = ()
) -> None:
    """Make the journal of each month."""
    earned: Counter[tuple[Period, str]] = Counter()
    for one in slices:
        earned[one.bucket, one.currency] += one.amount_minor
    with found.timed("journal"):
        for month in months:
            entries = list(journal(month).entries)
            if entries and found.seeds("journal"):
                entries[0] = _off_by_one(entries[0])
            of_month = {code: n for (bucket, code), n in earned.items() if bucket == month and n}
            _month(found, month, entries, of_month)


def _off_by_one(entry: Entry) -> Entry:
    first, *rest = entry.lines
    return replace(entry, lines=[replace(first, debit=first.debit + 1), *rest])


def _month(found: Found, month: Period, entries: Sequence[Entry], earned: dict[str, int]) -> None:
    sides: Counter[str] = Counter()
    posted: Counter[str] = Counter()
    revenue = DEFAULTS[Posting.REVENUE]
    for entry in entries:
        found.done["journal entries"] += 1
        found.done["journal lines"] += len(entry.lines)
        found.tie("journal", entry.reference, entry.difference, 0)
        for line in entry.lines:
            if min(line.debit, line.credit) or line.debit < 0 or line.credit < 0:
                found.tie("journal", entry.reference, line, "one side above 0")
            sides[entry.currency] += line.debit - line.credit
            if line.account == revenue:
                posted[entry.currency] += line.credit - line.debit
    for currency, rest in sides.items():
        found.tie("journal", (month.start, currency), rest, 0)
    found.tie("journal", month.start, {c: n for c, n in posted.items() if n}, earned)
