"""A report by customer × month put together to months: the chart needs no question of its own."""

from dataclasses import replace
from decimal import localcontext

from billing.margin import MarginReport, MarginRow, combined
from tknops.money import EXACT


def by_month(report: MarginReport) -> dict[str, MarginRow]:
    """Put the rows of each month together; the month is the report's last dimension."""
    together: dict[str, list[MarginRow]] = {}
    for row in report.rows:
        together.setdefault(row.key[-1], []).append(row)
    with localcontext(EXACT):
        return {
            month: replace(combined(rows, shared=False), key=(month,))
            for month, rows in together.items()
        }
