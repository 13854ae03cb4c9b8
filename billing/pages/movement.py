"""The margin bridge of a page: two periods asked, split into effects, as table and chart."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from billing.margin import MarginReport, margin
from billing.measures import UNATTRIBUTED
from billing.pages import charts
from billing.pages.period import Picked, days
from billing.reports.bridge import Side, Use, bridge, bridge_table
from billing.reports.credits import credited
from billing.reports.models import book, price_changes
from billing.reports.rows import ZERO
from billing.reports.shared import unattributed_of_revenue
from billing.reports.table import Table
from tknops.calendar import Period, add_months
from usage.models import CostClass

Filters = Mapping[str, Sequence[str]]


def movement(
    now: MarginReport,
    before: MarginReport,
    month: Picked,
    filters: Filters,
    on: dt.date | None = None,
) -> tuple[Table, dict[str, Any]]:
    """Explain the change of the margin between two reports by customer."""
    both = Period(month.before.start, month.period.end)
    changes = price_changes(book(), both)
    old = _side(before, filters, on)
    effects = bridge(old, _side(now, filters, on), repriced={change.model for change in changes})
    start, end = f"{days(month.before)}", f"{days(month.period)}"
    if not month.running:
        start, end = f"{month.before.start:%B}", f"{month.period.start:%B}"
    table = bridge_table(effects, start=start, end=end, margin=old.margin)
    shown = [(str(row.cells["name"]), row.cells["effect"]) for row in table.rows[1:]]
    title = f"What moved the AI margin from {start} to {end}"
    return table, charts.waterfall(shown, old.margin, start=start, end=end, title=title)


def _side(report: MarginReport, filters: Filters, on: dt.date | None) -> Side:
    """Ask what else the bridge needs of a period: models used for known customers, credits."""
    used = margin(
        by=["customer", "provider", "model"],
        period=report.period,
        filters={**filters, "cost_class": [CostClass.COGS]},
        basis=report.cost_basis,
        attributes_on=on,
    )
    models: dict[tuple[str, ...], Use] = {}
    for row in used.rows:
        customer, *model = row.key
        if customer != UNATTRIBUTED and row.cost is not None and row.events:
            had = models.get(tuple(model), Use(0, 0, ZERO))
            tokens = sum(row.tokens.values()) - row.tokens["reasoning_tokens"]
            models[tuple(model)] = Use(
                had.calls + row.events, had.tokens + tokens, had.cost + row.cost
            )
    customers = {row.key[0] for row in report.rows}
    return Side(
        days=report.period.days,
        month_days=(add_months(report.period.start, 1) - report.period.start).days,
        revenue={row.key[0]: row.revenue for row in report.rows if row.revenue},
        credits={k: v for k, v in credited(report.period).items() if k in customers},
        models=models,
        unattributed=unattributed_of_revenue(report),
    )
