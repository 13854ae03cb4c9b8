"""The journal of a closed month as its manifest holds it: entries and chart, never made anew."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from billing.journal.chart import Chart
from billing.journal.entry import Account, Entry, JournalLine

Manifest = Mapping[str, Any]


def frozen_journal(entries: Iterable[Entry], chart: Chart) -> dict[str, Any]:
    """Write entries and the chart they were made by, of texts and integers only."""
    return {"entries": [_written(entry) for entry in entries], "chart": chart.rows()}


def has_journal(manifest: Manifest) -> bool:
    """Tell whether a close froze its journal; those of earlier versions did not."""
    return "journal" in manifest


def entries_of(manifest: Manifest) -> list[Entry]:
    """Read the entries of a close that froze them."""
    return [_read(one) for one in manifest["journal"]["entries"]]


def chart_of(manifest: Manifest) -> Chart:
    """Read the chart its entries were made by."""
    rows: Sequence[Sequence[str]] = manifest["journal"]["chart"]
    return Chart(rows)


def _written(entry: Entry) -> dict[str, Any]:
    return {
        "entry": entry.reference,
        "date": entry.date.isoformat(),
        "text": entry.text,
        "currency": entry.currency,
        "estimate": entry.estimate,
        "corrects": entry.corrects,
        "lines": [
            [line.account.code, line.account.name, line.debit, line.credit, line.text]
            for line in entry.lines
        ],
    }


def _read(one: Mapping[str, Any]) -> Entry:
    return Entry(
        reference=one["entry"],
        date=dt.date.fromisoformat(one["date"]),
        text=one["text"],
        currency=one["currency"],
        lines=[
            JournalLine(Account(code, name), debit, credit, text)
            for code, name, debit, credit, text in one["lines"]
        ],
        estimate=one["estimate"],
        corrects=one["corrects"],
    )
