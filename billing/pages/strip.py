"""The completeness strip: what the figures rest on and what they leave out."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import Max
from django.urls import reverse
from django.utils import timezone

from billing.margin import MarginReport
from billing.models import Invoice
from billing.pages.months import newest_usage
from billing.reports.join_health import join_health
from billing.reports.rate_notes import converted
from billing.reports.rows import not_of_revenue
from billing.reports.shared import attributed_pct
from billing.templatetags.money import count, money, percent


@dataclass(frozen=True, slots=True)
class Part:
    """One statement with the page that explains it: a path under the admin, or an address."""

    text: str
    link: str
    warns: bool = False


_ENOUGH = 95


def strip(by_customer: MarginReport) -> list[Part]:
    """Say how fresh and how complete a report by customer is."""
    total = by_customer.total
    share = attributed_pct(by_customer)
    parts = [
        Part(_received(by_customer.as_of), "setup"),
        _revenue(),
        _attributed(share) if total.events else _no_usage(),
        *_joined(by_customer),
    ]
    if total.unpriced_events:
        text = (
            f"unpriced: {count(total.unpriced_events)} events, "
            f"{count(total.unpriced_tokens)} tokens"
        )
        parts.append(Part(text, "unpriced", warns=True))
    if outside := not_of_revenue(total):
        text = (
            f"of AI cost {money(total.cost)}, {money(outside)} is operating expense or internal, "
            "outside the margin"
        )
        parts.append(Part(text, reverse("admin:usage_attributionrule_changelist")))
    waiting = (
        ("revenue", by_customer.unconverted),
        ("AI cost", by_customer.unconverted_cost),
        ("shared cost", by_customer.unconverted_allocated),
    )
    for what, amounts in waiting:
        for code, amount in amounts.items():
            text = f"{money(amount, code)} {what} unconverted"
            parts.append(Part(text, "exchange-rates", warns=True))
    if by_customer.rates:
        parts.append(Part(converted(by_customer.rates), "exchange-rates"))
    return parts


def _attributed(share: Decimal | None) -> Part:
    if share is None:
        return Part("no cost to attribute yet", "matching")
    return Part(f"{percent(share)} of cost attributed", "matching", warns=share < _ENOUGH)


def _joined(by_customer: MarginReport) -> list[Part]:
    """Say how much finds its other half, where there are both."""
    health = join_health(by_customer)
    if health.cost is None or health.revenue is None:
        return []
    revenue, cost = percent(health.revenue), percent(health.cost)
    text = f"{revenue} of revenue and {cost} of cost find their other half"
    return [Part(text, "matching", warns=min(health.revenue, health.cost) < _ENOUGH)]


def _no_usage() -> Part:
    """Say so where a month has revenue alone: it would look like a margin of 100 %."""
    newest = newest_usage(timezone.localdate())
    if newest is None:
        return Part("no cost to attribute yet", "matching")
    text = f"no usage in this month, the newest is of {newest:%B %Y}"
    return Part(text, f"overview?month={newest:%Y-%m}", warns=True)


def _received(as_of: datetime | None) -> str:
    return f"Usage received to {as_of:%d %b %H:%M} UTC" if as_of else "No usage received yet"


def _revenue() -> Part:
    last = Invoice.objects.aggregate(at=Max("invoice_date"))["at"]
    if last is None:
        return Part("no revenue imported yet", "setup")
    return Part(f"invoices to {last:%d %b %Y}", reverse("admin:billing_invoice_changelist"))
