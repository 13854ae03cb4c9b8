"""The margin bridge of a page: two periods asked, split into effects, as table and chart."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from billing.margin import MarginReport, by_changed_prices, margin, recorded
from billing.measures import CHARGE_CLASS, REGULAR, UNATTRIBUTED
from billing.models import ExchangeRate, MonthClose
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
    old, new = (_side(report, filters, on, both.end) for report in (before, now))
    new = replace(new, priced=_priced((old, new), (before, now), filters))
    effects = bridge(old, new, repriced={change.model for change in changes})
    start, end = f"{days(month.before)}", f"{days(month.period)}"
    if not month.running:
        start, end = f"{month.before.start:%B}", f"{month.period.start:%B}"
    table = bridge_table(effects, start=start, end=end, margin=old.margin)
    shown = [(str(row.cells["name"]), row.cells["effect"]) for row in table.rows[1:]]
    title = f"What moved the AI margin from {start} to {end}"
    return table, charts.waterfall(shown, old.margin, start=start, end=end, title=title)


def _priced(
    sides: tuple[Side, Side], reports: tuple[MarginReport, MarginReport], filters: Filters
) -> dict[str, Decimal]:
    """Ask what changed prices make, of customers whose revenue is that of the records in whole.

    Not so where a closed month was frozen with another, or a filter leaves days of theirs out.
    """
    old, new = (side.revenue for side in sides)
    if not any(old[customer] != new[customer] for customer in old.keys() & new.keys()):
        return {}
    plans = filters.get("plan", ())
    before, now = (report.period for report in reports)
    day = sides[1].rates_on if sides[0].rates_on == sides[1].rates_on else None
    found = by_changed_prices(before, now, plans, day)
    told = ((old, recorded(before, plans)), (new, recorded(now, plans)))
    return {
        customer: priced
        for customer, priced in found.items()
        if all(shown.get(customer) == known.get(customer) for shown, known in told)
    }


def _side(report: MarginReport, filters: Filters, on: dt.date | None, end: dt.date) -> Side:
    """Ask what else the bridge needs of a period: models, credits, rates and corrections."""
    asked = _Asked(report, filters, on)
    regular = asked.regular
    customers = {row.key[0] for row in regular.rows}
    side = Side(
        days=report.period.days,
        month_days=(add_months(report.period.start, 1) - report.period.start).days,
        revenue=_revenue(regular),
        credits={k: v for k, v in credited(report.period).items() if k in customers},
        models=_models(asked.used()),
        unattributed=unattributed_of_revenue(regular),
        revenue_corrections=_earned(report) - _earned(regular),
        cost_corrections=_served(report) - _served(regular),
    )
    return _at_rates(side, asked, end - dt.timedelta(1))


class _Asked:
    """The questions to a period: without corrections of closed months, as in force or live."""

    def __init__(self, report: MarginReport, filters: Filters, on: dt.date | None) -> None:
        self._report, self._on = report, on
        self.closes = MonthClose.objects.exists()
        self._filters = {**filters, CHARGE_CLASS: [REGULAR]} if self.closes else filters
        self.regular = self.customers() if self.closes else report

    def customers(self, **more: Any) -> MarginReport:
        return self._ask(["customer"], self._filters, **more)

    def used(self, **more: Any) -> MarginReport:
        filters = {**self._filters, "cost_class": [CostClass.COGS]}
        return self._ask(["customer", "provider", "model"], filters, **more)

    def _ask(self, by: Sequence[str], filters: Filters, **more: Any) -> MarginReport:
        return margin(
            by=by,
            period=self._report.period,
            filters=filters,
            basis=self._report.cost_basis,
            attributes_on=self._on,
            **more,
        )


def _at_rates(side: Side, asked: _Asked, day: dt.date) -> Side:
    """Add what the period's rates make beside those of a day.

    A frozen month keeps no native amounts, so both are of its records as they are now. Where the
    day lacks a rate that the period has, there is no currency effect.
    """
    if not ExchangeRate.objects.filter(superseded_at=None).exists():
        return side
    own = asked.customers(live=True) if asked.closes else asked.regular
    one = asked.customers(rates_on=day)
    if (own.unconverted, own.unconverted_cost) != (one.unconverted, one.unconverted_cost):
        return side
    used = _models(asked.used(live=True) if asked.closes else asked.used())
    at_day = {sku: use.cost for sku, use in _models(asked.used(rates_on=day)).items()}
    then = _revenue(one)
    return replace(
        side,
        rates_on=day,
        revenue_rates={k: v - then.get(k, ZERO) for k, v in _revenue(own).items()},
        cost_rates={sku: use.cost - at_day.get(sku, ZERO) for sku, use in used.items()},
        unattributed_rates=unattributed_of_revenue(own) - unattributed_of_revenue(one),
    )


def _revenue(report: MarginReport) -> dict[str, Decimal]:
    return {row.key[0]: row.revenue for row in report.rows if row.revenue}


def _earned(report: MarginReport) -> Decimal:
    return sum(_revenue(report).values(), ZERO)


def _served(report: MarginReport) -> Decimal:
    return sum((row.cost_of_revenue or ZERO for row in report.rows), ZERO)


def _models(report: MarginReport) -> dict[tuple[str, ...], Use]:
    """Sum what was used for known customers by model."""
    models: dict[tuple[str, ...], Use] = {}
    for row in report.rows:
        customer, *model = row.key
        if customer != UNATTRIBUTED and row.cost is not None and row.events:
            had = models.get(tuple(model), Use(0, 0, ZERO))
            tokens = sum(row.tokens.values()) - row.tokens["reasoning_tokens"]
            models[tuple(model)] = Use(
                had.calls + row.events, had.tokens + tokens, had.cost + row.cost
            )
    return models
