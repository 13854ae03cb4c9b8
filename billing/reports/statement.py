"""A customer's statement: months as columns, measures as rows."""

from collections.abc import Callable, Sequence

from billing.margin import MarginReport, MarginRow
from billing.reports.rows import has_shared_cost, left_out, not_of_revenue
from billing.reports.table import Column, Row, Table
from tknops.calendar import parse_bound

_ROWS = (
    ("cost", "AI cost", "money"),
    ("not_of_revenue", "AI cost outside the margin", "money"),
    ("cost_of_revenue", "Cost of revenue", "money"),
    ("margin", "AI margin", "money"),
    ("margin_pct", "AI margin %", "percent"),
    ("events", "Calls", "count"),
    ("unpriced_events", "Unpriced events", "count"),
)
# Rows that are left out where they would say nothing.
_ONLY_IF: dict[str, Callable[[MarginRow], object]] = {
    "not_of_revenue": not_of_revenue,
    "cost_of_revenue": not_of_revenue,
    "unpriced_events": lambda total: total.unpriced_events,
}
_LOADED = (
    ("allocated_cost", "Allocated cost", "money"),
    ("fully_loaded_cost", "Fully loaded cost", "money"),
    ("loaded_margin", "Fully loaded margin", "money"),
    ("loaded_margin_pct", "Fully loaded margin %", "percent"),
)
_BASES = ("invoiced", "contracted", "accrued")


def statement(report: MarginReport, months: Sequence[str]) -> Table:
    """Build the statement from a report by month; revenue is a row per basis."""
    by_month = {row.key[0]: row for row in report.rows}
    columns = (
        Column("measure", "Measure"),
        *(Column(month, f"{parse_bound(month):%b %y}", "money") for month in months),
        Column("total", "Total", "money"),
    )
    rows = []
    for basis in _BASES:
        found = {m: amount for m, r in by_month.items() if (amount := r.by_basis.get(basis))}
        if found:
            label = f"Revenue, {basis}{' (estimate)' if basis == 'accrued' else ''}"
            cells = {"measure": label, **found, "total": report.total.by_basis.get(basis)}
            rows.append(Row(cells, kind="money"))
    if len(rows) != 1:
        rows.append(Row(_cells("revenue", "Revenue", report.total, by_month), kind="money"))
    loaded = _LOADED if has_shared_cost(report) else ()
    at = 1 + next(n for n, row in enumerate(_ROWS) if row[0] == "margin_pct")
    for key, label, kind in (*_ROWS[:at], *loaded, *_ROWS[at:]):
        if key not in _ONLY_IF or _ONLY_IF[key](report.total):
            rows.append(Row(_cells(key, label, report.total, by_month), kind=kind))
    note = left_out(report.total)
    return Table(columns, rows, caption="Statement by month", name="statement", note=note)


def _cells(
    key: str, label: str, total: MarginRow, by_month: dict[str, MarginRow]
) -> dict[str, object]:
    months = {month: _figure(row, key) for month, row in by_month.items()}
    return {"measure": label, **months, "total": _figure(total, key)}


def _figure(row: MarginRow, key: str) -> object:
    return not_of_revenue(row) if key == "not_of_revenue" else getattr(row, key)
