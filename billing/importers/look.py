"""What a staged file would bring, for a person to look at before confirming."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum
from django.db.models.functions import TruncMonth

from billing.importers.closed_months import Touched, touched
from billing.models import BillingCustomer, BillingImport, Invoice, PaymentEvent, StagedRow
from tknops.money import minor_digits

_SAMPLE = 20


@dataclass(frozen=True, slots=True)
class MonthTotal:
    """Invoice lines of a currency dated in one month; money net of tax, in major units."""

    currency: str
    month: dt.date
    lines: int
    revenue: Decimal


@dataclass(frozen=True, slots=True)
class EventTotal:
    """Payments, refunds or disputes of a currency in one month, in major units."""

    kind: str
    currency: str
    month: dt.date
    count: int
    money: Decimal


@dataclass(frozen=True, slots=True)
class LeftOutTotal:
    """Rows that are no revenue, and what they add up to in major units."""

    reason: str
    currency: str
    rows: int
    money: Decimal


@dataclass(frozen=True, slots=True)
class Look:
    """The file in figures, and its first rows as understood."""

    months: list[MonthTotal]
    events: list[EventTotal]
    left_out: list[LeftOutTotal]
    totals: dict[str, Decimal]
    customers: int
    new_customers: int
    subscriptions: int
    lines: int
    payments: int
    known_invoices: int
    sample: QuerySet[StagedRow, Any]
    seen: BillingImport | None
    closed: Touched | None


def look(made: BillingImport) -> Look:
    """Sum the staged rows of an import per currency and month, and count what is new."""
    rows = made.staged.all()
    months = _months(rows)
    totals: dict[str, Decimal] = {}
    for one in months:
        totals[one.currency] = totals.get(one.currency, Decimal(0)) + one.revenue
    customers = rows.values("customer_id").distinct()
    known = BillingCustomer.objects.filter(external_id__in=customers).count()
    count = customers.count()
    return Look(
        months=months,
        events=_events(rows),
        left_out=[
            LeftOutTotal(
                one["reason"], one["currency"], one["rows"],
                _major(one["amount_minor"], one["currency"]),
            )
            for one in made.left_out
        ],
        totals=totals,
        customers=count,
        new_customers=count - known,
        **rows.aggregate(
            subscriptions=Count("pk", filter=Q(kind=StagedRow.Kind.SUBSCRIPTION)),
            lines=Count("pk", filter=Q(kind=StagedRow.Kind.LINE)),
            payments=Count("pk", filter=Q(kind=StagedRow.Kind.PAYMENT)),
        ),
        known_invoices=Invoice.objects.filter(
            external_id__in=rows.filter(kind=StagedRow.Kind.LINE).values("invoice_id")
        ).count(),
        sample=rows.order_by("line")[:_SAMPLE],
        seen=BillingImport.objects.filter(
            file_sha256=made.file_sha256, state=BillingImport.State.APPLIED
        ).exclude(pk=made.pk).select_related("created_by", "api_key").first(),
        closed=touched(made),
    )  # fmt: skip


def _months(rows: QuerySet[StagedRow, Any]) -> list[MonthTotal]:
    grouped = (
        rows.filter(kind=StagedRow.Kind.LINE)
        .values("currency", month=TruncMonth("invoice_date"))
        .annotate(count=Count("pk"), minor=Sum("amount_minor"))
        .order_by("currency", "month")
    )
    return [
        MonthTotal(
            currency=row["currency"],
            month=row["month"],
            lines=row["count"],
            revenue=_major(row["minor"], row["currency"]),
        )
        for row in grouped
    ]


def _events(rows: QuerySet[StagedRow, Any]) -> list[EventTotal]:
    grouped = (
        rows.filter(kind=StagedRow.Kind.PAYMENT)
        .values("event_kind", "currency", month=TruncMonth("occurred_on"))
        .annotate(count=Count("pk"), minor=Sum("amount_minor"))
        .order_by("currency", "month", "event_kind")
    )
    return [
        EventTotal(
            kind=PaymentEvent.Kind(row["event_kind"]).label,
            currency=row["currency"],
            month=row["month"],
            count=row["count"],
            money=_major(row["minor"], row["currency"]),
        )
        for row in grouped
    ]


def _major(minor: int, currency: str) -> Decimal:
    return Decimal(minor).scaleb(-minor_digits(currency))
