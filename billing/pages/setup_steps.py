"""How far an installation is from its first true margin."""

import datetime as dt
from dataclasses import dataclass

from django.conf import settings
from django.db.models import Max, Q, Sum

from billing.margin import margin
from billing.measures import UNATTRIBUTED
from billing.models import BillingCustomer, BillingImport, ExchangeRate, Invoice
from billing.pages.months import newest_month
from billing.templatetags.money import count, money
from usage.models import UsageBatch


@dataclass(frozen=True, slots=True)
class Step:
    """A step: whether it is done, and its state in words."""

    name: str
    label: str
    done: bool
    state: str


def setup_steps(*, today: dt.date) -> list[Step]:
    """Return the five steps in order."""
    batches = UsageBatch.objects.aggregate(stored=Sum("stored"), newest=Max("received_at"))
    imports = BillingImport.objects.filter(state=BillingImport.State.APPLIED)
    billed = BillingCustomer.objects.count()
    unmatched = BillingCustomer.objects.filter(customer=None).count()
    usage, billing = bool(batches["stored"]), imports.exists()
    currency, zone = settings.REPORTING_CURRENCY, settings.REPORTING_ZONE
    return [
        Step(
            "basics",
            "Currency and time zone",
            done=not (lacking := _without_rate(currency)),
            state=f"{currency}, {zone}{lacking}",
        ),
        Step("usage", "Usage", done=usage, state=_usage(batches["stored"], batches["newest"])),
        Step("billing", "Billing", done=billing, state=_billing(imports.count(), billed)),
        Step(
            "match",
            "Match customers",
            done=bool(billed) and not unmatched,
            state=f"{count(billed - unmatched)} of {count(billed)} billing customers matched"
            if billed
            else "after the first billing file",
        ),
        Step("margin", "Your first margin", done=usage and billing, state=_worst(today)),
    ]


def _without_rate(currency: str) -> str:
    """Say which currencies of invoices no rate is known of on any day; '' if there are none."""
    billed = set(Invoice.objects.exclude(currency=currency).values_list("currency", flat=True))
    if not billed:
        return ""
    rates = ExchangeRate.objects.filter(Q(base__in=billed) | Q(quote__in=billed))
    known = {code for pair in rates.values_list("base", "quote").distinct() for code in pair}
    lacking = sorted(billed - known)
    return f"; no rate for {', '.join(lacking)}, so that revenue is unknown" if lacking else ""


def _usage(stored: int | None, newest: dt.datetime | None) -> str:
    if not stored or newest is None:
        return "no event received yet"
    return f"{count(stored)} events received, the newest batch {newest:%d %b %Y %H:%M} UTC"


def _billing(imports: int, billed: int) -> str:
    if not imports:
        return "no billing file imported yet"
    files = "1 file" if imports == 1 else f"{count(imports)} files"
    return f"{files} imported, {count(billed)} billing customers"


def _worst(today: dt.date) -> str:
    month = newest_month(today)
    report = margin(by=["customer"], period=month)
    known = [
        (row.margin, row.key[0])
        for row in report.rows
        if row.key[0] != UNATTRIBUTED and row.margin is not None and row.events
    ]
    if not known:
        return "after usage and billing"
    left, customer = min(known)
    name = report.labels["customer"].get(customer, customer)
    words = "lost" if left < 0 else "kept only"
    return f"worst in {month.start:%B %Y}: {name} {words} {money(abs(left))}"
