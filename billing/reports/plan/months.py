"""A plan by month: figures, accounts and spread."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import localcontext

from billing.margin import MarginReport, MarginRow, combined
from billing.measures import FORMULAS
from billing.reports.plan.accounts import TermsOf, plan_accounts
from billing.reports.plans import COUNTS, SUBSIDY, spread_cells
from billing.reports.rows import FIGURES, figures, loaded_columns, quoted
from billing.reports.table import Column, Row, Table
from tknops.money import EXACT

_SPREAD = FORMULAS["percentile"]


def months_table(report: MarginReport, terms: Mapping[str, TermsOf]) -> Table:
    """Build a row per month, newest first, from a report by plan × customer × month of one plan.

    `terms` has those of each month by its key.
    """
    together: dict[str, list[MarginRow]] = defaultdict(list)
    for row in report.rows:
        together[row.key[2]].append(row)
    rows = [_month(report, month, together[month], terms) for month in sorted(together)[::-1]]
    return Table(
        (
            Column("month", "Month"),
            *FIGURES,
            *loaded_columns(report, "fully_loaded_cost", "loaded_margin", "loaded_margin_pct"),
            Column("accounts", "Paying", "count"),
            *COUNTS,
            Column("mean_cost", "Mean cost", "money", FORMULAS["mean_cost"]),
            Column("p50", "P50 cost", "money", _SPREAD),
            Column("p90", "P90 cost", "money", _SPREAD),
            Column("under_water", "% under water", "percent", FORMULAS["under_water"]),
            Column("loss", "Loss", "money", FORMULAS["loss"]),
            SUBSIDY,
        ),
        rows,
        caption="By month",
        name="months",
    )


def _month(
    report: MarginReport, month: str, rows: Sequence[MarginRow], terms: Mapping[str, TermsOf]
) -> Row:
    with localcontext(EXACT):
        whole = combined(rows, shared=True)
    accounts = plan_accounts(replace(report, rows=list(rows)), terms=terms.get(month, {}))
    return Row(
        {"month": month, **figures(whole), **spread_cells(accounts)},
        f"plan/{quoted(rows[0].key[0])}?month={month}",
    )
