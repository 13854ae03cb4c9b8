"""The rows figures rest on: invoice lines and events, a page at a time."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import F, Q, QuerySet
from django.db.models.functions import TruncDate
from django.http import HttpRequest
from django.utils.timezone import make_aware

from billing.models import InvoiceLine
from billing.pages.paging import page_number
from billing.pages.period import Picked
from customers.models import Customer
from tknops.money import minor_digits
from usage.models import UsageEvent

_SIZE = 25
_FILTERS = {
    "feature": "context__attributions__feature__external_id",
    "provider": "context__sku__provider_code",
    "model": "context__sku__model",
    "end_user": "context__attributions__end_user__external_id",
}


@dataclass(frozen=True, slots=True)
class Slice:
    """Some rows, and the numbers of the pages beside them; 0 = there is none."""

    rows: list[Any]
    name: str
    page: int
    newer: int
    older: int


def _slice(request: HttpRequest, name: str, rows: "QuerySet[Any, Any]") -> Slice:
    """Cut one page without counting the whole."""
    page = page_number(request, name)
    found = list(rows[(page - 1) * _SIZE : page * _SIZE + 1])
    return Slice(found[:_SIZE], name, page, page - 1, page + 1 if len(found) > _SIZE else 0)


def invoice_lines(request: HttpRequest, found: Customer) -> Slice:
    """Return the customer's invoice lines, newest service first, with the amount in units."""
    lines = InvoiceLine.objects.filter(invoice__billing_customer__customer=found)
    related = lines.select_related("invoice", "invoice__billing_import", "plan")
    some = _slice(request, "lines", related.order_by("-service_start", "pk"))
    for line in some.rows:
        line.amount = Decimal(line.amount_minor).scaleb(-minor_digits(line.invoice.currency))
    return some


def events(
    request: HttpRequest, found: Customer, month: Picked, filters: Mapping[str, Sequence[str]]
) -> Slice:
    """Return the newest events of the period; uses index usage_event_occurred_brin."""
    wanted = {_FILTERS[name]: values[0] for name, values in filters.items() if name in _FILTERS}
    begun = Q(context__attributions__valid_from=None)
    unended = Q(context__attributions__valid_to=None)
    rows = UsageEvent.objects.alias(day=TruncDate("occurred_at")).filter(
        begun | Q(context__attributions__valid_from__lte=F("day")),
        unended | Q(context__attributions__valid_to__gt=F("day")),
        context__attributions__customer=found,
        context__attributions__superseded_by=None,
        occurred_at__gte=_midnight(month.period.start),
        occurred_at__lt=_midnight(month.period.end),
        **wanted,
    )
    related = rows.select_related("context__sku", "context__user_reference")
    return _slice(request, "events", related.order_by("-occurred_at", "key", "line"))


def _midnight(day: dt.date) -> dt.datetime:
    """Return the instant a reporting day begins: the index is of instants, not of days."""
    return make_aware(dt.datetime.combine(day, dt.time()))
