"""The completeness strip: what the figures rest on and what they leave out."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import Max
from django.urls import reverse

from billing.margin import MarginReport
from billing.measures import UNATTRIBUTED
from billing.models import InvoiceLine
from billing.templatetags.money import count, money, percent
from tknops.money import divide


@dataclass(frozen=True, slots=True)
class Part:
    """One statement with the page that explains it."""

    text: str
    link: str
    warns: bool = False


def strip(by_customer: MarginReport) -> list[Part]:
    """Say how fresh and how complete a report by customer is."""
    total = by_customer.total
    parts = [
        Part(_received(by_customer.as_of), reverse("pages:setup")),
        Part(_revenue(), reverse("admin:billing_invoice_changelist")),
        Part(f"{percent(attributed(by_customer))} of cost attributed", reverse("pages:matching")),
    ]
    if total.unpriced_events:
        text = (
            f"unpriced: {count(total.unpriced_events)} events, "
            f"{count(total.unpriced_tokens)} tokens"
        )
        parts.append(Part(text, reverse("pages:models"), warns=True))
    for code, amount in by_customer.unconverted.items():
        text = f"{money(amount, code)} revenue unconverted"
        parts.append(Part(text, reverse("admin:billing_invoice_changelist"), warns=True))
    return parts


def attributed(by_customer: MarginReport) -> Decimal | None:
    """Return the share of cost that has a customer, in percent."""
    cost = by_customer.total.cost
    if not cost:
        return None
    lost = sum(
        (r.cost or Decimal(0) for r in by_customer.rows if r.key[0] == UNATTRIBUTED), Decimal(0)
    )
    return divide((cost - lost) * 100, cost, 4)


def _received(as_of: datetime | None) -> str:
    return f"Usage received to {as_of:%d %b %H:%M} UTC" if as_of else "No usage received yet"


def _revenue() -> str:
    last = InvoiceLine.objects.aggregate(at=Max("service_end"))["at"]
    return f"revenue to {last:%d %b %Y}" if last else "no revenue imported yet"
