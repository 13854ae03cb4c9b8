"""How complete the figures of a period are: what a reader must know before trusting them."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Max

from billing.margin import MarginReport, margin
from billing.measures import UNATTRIBUTED
from billing.models import InvoiceLine
from billing.reports.figures import HUNDRED, percent, total
from tknops.calendar import Period

ENOUGH = 95


@dataclass(frozen=True, slots=True)
class Completeness:
    """The strip under the title."""

    usage_to: dt.datetime | None
    revenue_to: dt.date | None
    attributed_pct: Decimal | None
    unpriced_models: int
    unpriced_events: int
    unconverted: dict[str, Decimal]

    @property
    def attribution_is_low(self) -> bool:
        """Whether customer pages must also show unattributed cost shared."""
        return self.attributed_pct is not None and self.attributed_pct < ENOUGH


def completeness(*, period: Period) -> Completeness:
    """Measure the completeness of a period."""
    report = margin(by=("customer", "provider", "model"), period=period)
    revenue = margin(by=(), period=period)
    found = InvoiceLine.objects.aggregate(last=Max("service_end"))["last"]
    return Completeness(
        usage_to=report.as_of,
        revenue_to=found - dt.timedelta(days=1) if found else None,
        attributed_pct=attributed(report),
        unpriced_models=len({row.key[1:] for row in report.rows if row.unpriced_events}),
        unpriced_events=report.total.unpriced_events,
        unconverted=revenue.unconverted,
    )


def attributed(report: MarginReport) -> Decimal | None:
    """Return the share of cost that has a customer; the first dimension is the customer."""
    cost = total(row.cost for row in report.rows)
    without = total(row.cost for row in report.rows if row.key[0] == UNATTRIBUTED)
    share = percent(without, cost)
    return HUNDRED - share if share is not None else None
