"""The journal of a month as a table: a row per line, debits and credits apart."""

from collections.abc import Sequence
from decimal import Decimal

from billing.journal import Entry
from billing.reports.table import Column, Row, Table
from tknops.money import minor_digits

_COLUMNS = (
    Column("entry", "Entry"),
    Column("date", "Date"),
    Column("account", "Account"),
    Column("name", "Account name"),
    Column("debit", "Debit", "minor"),
    Column("credit", "Credit", "minor"),
    Column("currency", "Currency"),
    Column("text", "Description"),
    Column("note", "Note"),
    Column(
        "corrects",
        "Corrects",
        help="a closed month; the entry's name has that of the one there",
    ),
)


def journal_table(entries: Sequence[Entry]) -> Table:
    """Build the table; it has no total, since its currencies differ."""
    rows = []
    for entry in entries:
        digits = minor_digits(entry.currency)
        rows += [
            Row({
                "entry": entry.reference,
                "date": str(entry.date),
                "account": line.account.code,
                "name": line.account.name,
                "debit": Decimal(line.debit).scaleb(-digits) if line.debit else None,
                "credit": Decimal(line.credit).scaleb(-digits) if line.credit else None,
                "currency": entry.currency,
                "text": f"{entry.text} (estimate)" if entry.estimate else entry.text,
                "note": line.text,
                "corrects": entry.month if entry.corrects else "",
            })
            for line in entry.lines
        ]  # fmt: skip
    return Table(_COLUMNS, rows, caption="Journal entries", name="journal")


def balances(entries: Sequence[Entry]) -> list[tuple[str, int, int, int]]:
    """Return per currency how many entries there are, and their debits and credits."""
    sums: dict[str, list[int]] = {}
    for entry in entries:
        before = sums.setdefault(entry.currency, [0, 0, 0])
        before[0] += 1
        before[1] += sum(line.debit for line in entry.lines)
        before[2] += sum(line.credit for line in entry.lines)
    return [(code, *counts) for code, counts in sorted(sums.items())]  # type: ignore[misc]
