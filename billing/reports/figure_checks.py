"""What do the figures leave out? Cost without a customer, usage without a price."""

import datetime as dt
from decimal import Decimal

from django.urls import reverse

from billing.margin import MarginReport, margin
from billing.measures import UNATTRIBUTED
from billing.reports.check import Check, State, by_size
from tknops.calendar import Period
from tknops.money import divide

DAYS = 30


def report_by_source(*, today: dt.date) -> MarginReport:
    """Return the margin of the last 30 days by source and customer."""
    end = today + dt.timedelta(days=1)
    return margin(by=["source", "customer"], period=Period(end - dt.timedelta(days=DAYS), end))


def unattributed(report: MarginReport, source: str | None = None) -> Decimal | None:
    """Return the percent of cost without a customer; None where there is no cost."""
    rows = [row for row in report.rows if source is None or row.key[0] == source]
    cost = sum((row.cost or Decimal(0) for row in rows), Decimal(0))
    lost = sum((r.cost or Decimal(0) for r in rows if r.key[1] == UNATTRIBUTED), Decimal(0))
    return divide(lost * 100, cost, 4) if cost else None


def unpriced(report: MarginReport, source: str) -> int:
    """Count the unpriced events of a source."""
    return sum(row.unpriced_events for row in report.rows if row.key[0] == source)


def money_checks(report: MarginReport) -> list[Check]:
    """Check what the figures leave out."""
    lost = unattributed(report)
    state = by_size(lost or Decimal(0), attention=5, problem=20)
    share = "There is no cost" if lost is None else f"{lost:.1f} % of cost has no customer"
    events, tokens = report.total.unpriced_events, report.total.unpriced_tokens
    return [
        Check(
            "Attribution",
            state,
            f"{share} in the last {DAYS} days.",
            "Match customers",
            reverse("pages:matching"),
            "billing.view_invoice",
        ),
        Check(
            "Prices",
            State.ATTENTION if events else State.OK,
            f"{events:,} events with {tokens:,} tokens have no price in the last {DAYS} days."
            if events
            else f"Every event of the last {DAYS} days has a price.",
            "See models",
            reverse("pages:models"),
            "billing.view_invoice",
        ),
    ]
