"""Entries of an open month that correct closed ones: what they would say now less what they say.

Corrections go to the accounts of the month they correct: a changed chart moves nothing back.
"""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence

from billing.journal.bills import bill_entries
from billing.journal.chart import Chart
from billing.journal.cost import accruals, true_ups
from billing.journal.entry import Account, Entry, JournalLine, debit
from billing.journal.frozen import chart_of, entries_of, has_journal
from billing.journal.pools import pool_entries
from billing.journal.revenue import revenue_entries
from billing.margin import restated
from billing.models import MonthClose
from tknops.calendar import Period, next_month

BY = ("provider", "cost_class")


def of_records(period: Period, chart: Chart) -> list[Entry]:
    """Make the entries of a month that come from records: all but the cost of usage."""
    return [
        *true_ups(period, chart),
        *pool_entries(period, chart),
        *bill_entries(period, chart),
        *revenue_entries(period, chart),
    ]


def corrections(period: Period, closed: Sequence[MonthClose]) -> list[Entry]:
    """Make the entries by which an open month corrects others, the earliest month first.

    `closed` are the closes before it, if it is the first open month. Of one that froze no journal
    only the cost of usage is known to have changed.
    """
    held = [close for close in closed if has_journal(close.manifest)]
    charts = {f"{close.month:%Y-%m}": chart_of(close.manifest) for close in held}
    frozen = [entry for close in held for entry in entries_of(close.manifest)]
    found: list[Entry] = []
    for close in held:
        days, key = Period(close.month, next_month(close.month)), f"{close.month:%Y-%m}"
        posted = [one for one in frozen if one.month == key and not one.of_usage]
        found += difference(of_records(days, charts[key]), posted, period)
    for key, costs in restated(BY, period).items():
        month = dt.date.fromisoformat(f"{key}-01")
        days, chart = Period(month, next_month(month)), charts.get(key) or Chart()
        before, now = (accruals(one, days, chart) for one in (costs.posted, costs.now))
        found += difference(now, before, period)
    return sorted(found, key=lambda entry: entry.about)


def difference(now: Iterable[Entry], posted: Iterable[Entry], into: Period) -> Iterator[Entry]:
    """Yield an entry per entry and currency that is another now, on the first day of `into`.

    Debits − credits per account, now less posted: it balances, since both do.
    """
    today, before = _named(now), _named(posted)
    names = sorted(today.keys() | before.keys())
    currencies = Counter(name for name, _ in names)
    for name, currency in names:
        mine, theirs = (one.get((name, currency), []) for one in (today, before))
        if lines := _less(mine, theirs):
            told = [*mine, *theirs][0]
            apart = f"-{currency}" if currencies[name] > 1 else ""
            yield Entry(
                reference=f"{into.start:%Y-%m}-ADJ-{name}{apart}",
                date=into.start,
                text=_text(told),
                currency=currency,
                lines=lines,
                estimate=told.estimate,
                corrects=name,
            )


def _text(told: Entry) -> str:
    """Name the month it corrects, once."""
    named = f"Correction of {dt.date.fromisoformat(f'{told.month}-01'):%B %Y}: "
    return named + told.text.removeprefix(named)


def _named(entries: Iterable[Entry]) -> dict[tuple[str, str], list[Entry]]:
    found: dict[tuple[str, str], list[Entry]] = defaultdict(list)
    for entry in entries:
        found[entry.about, entry.currency].append(entry)
    return found


def _less(now: Sequence[Entry], posted: Sequence[Entry]) -> list[JournalLine]:
    """Take what was posted off what is, by account."""
    sums: dict[str, int] = defaultdict(int)
    told: dict[str, tuple[Account, str]] = {}
    for sign, entries in ((1, now), (-1, posted)):
        for line in (line for entry in entries for line in entry.lines):
            sums[line.account.code] += sign * (line.debit - line.credit)
            told.setdefault(line.account.code, (line.account, line.text))
    return [
        debit(account, sums[code], text) for code, (account, text) in told.items() if sums[code]
    ]
