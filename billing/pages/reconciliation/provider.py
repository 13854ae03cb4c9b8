"""One provider's month: models, days, bills, names and true-ups; and both sides of a row."""

import datetime as dt
from contextlib import suppress
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from billing.models import ProviderInvoice, ProviderInvoiceLine, ReconciliationThreshold
from billing.pages.access import PREVIEW, page
from billing.pages.closed_note import as_of_now
from billing.pages.filters import Chip
from billing.pages.period import Picked, picked
from billing.pages.reconciliation.month import BY_UTC, READ, RUNNING, waterfall
from billing.pages.reconciliation.words import sentence
from billing.pages.render import respond
from billing.reconciliation import (
    Compared,
    Reconciliation,
    around,
    left_of,
    reconcile,
    remembered,
    suggested,
)
from billing.reports.reconciliation import (
    days_table,
    lines_table,
    models_table,
    provider_name,
)
from billing.reports.rows import quoted
from tknops.calendar import add_months, month_start

_OFFERED = 3
_LINES = 1_000


@page()
def provider(request: HttpRequest, code: str) -> HttpResponse:
    """Show what a provider billed for a UTC month beside what was tracked of it."""
    month = picked(request)
    found = next(iter(reconcile(month.period.start, provider=code)), None)
    label = f"{month.period.start:%B %Y}"
    days = days_table(found) if found else None
    limit = ReconciliationThreshold.objects.filter(provider_code__in=["", code])
    return respond(
        request,
        "reconciliation/provider",
        title=f"Reconciliation of {provider_name(code)}",
        table=models_table(found) if found else None,
        searchable=False,
        more=[days] if days else [],
        month=month,
        stands_alone=BY_UTC,
        strip=as_of_now(month.period, READ),
        code=code,
        found=found,
        note=RUNNING if month.running else "",
        sentence=sentence([found], label) if found else f"Nothing of {code} in {label}.",
        chart=waterfall([found], label) if found and found.billed is not None else None,
        left=_left(found),
        offered=_months(month),
        unmatched=_unmatched(found) if found else [],
        models=sorted({row.model for row in found.models if row.tracked.quantity} if found else []),
        names=remembered(code),
        threshold=limit.order_by("-provider_code").first(),
        parent=("Reconciliation", f"reconciliation?month={month.key}"),
    )


def _left(found: Reconciliation | None) -> str:
    """Write the minor units a form sends along, as no language separates them; '' for none."""
    left = left_of(found) if found else 0
    return str(left) if left else ""


def _months(month: Picked) -> list[tuple[str, str]]:
    """Offer months to bear a true-up: the billed one, and the newest ones."""
    newest = month_start(timezone.localdate())
    found = {month.period.start, *(add_months(newest, -n) for n in range(_OFFERED))}
    return [(f"{one:%Y-%m}", f"{one:%B %Y}") for one in sorted(found, reverse=True)]


def _unmatched(found: Reconciliation) -> list[tuple[Compared, str]]:
    """List billed models without usage, and which model each may be."""
    billed: dict[str, Compared] = {}
    for row in found.models:
        if row.model and row.billed.cost and not row.tracked.quantity:
            billed.setdefault(row.model, row)
    used = {row.model for row in found.models if row.tracked.quantity}
    there = {row.model for row in found.models if row.billed.cost and row.tracked.quantity}
    return [(row, suggested(name, used - there)) for name, row in billed.items()
            if name not in used]  # fmt: skip


@page()
def lines(request: HttpRequest, code: str) -> HttpResponse:
    """Show the lines of the bill behind a row, and lead to the usage on the other side."""
    month = picked(request)
    named, name, day = (request.GET.get(key, "") for key in ("named", "class", "day"))
    found = next(iter(reconcile(month.period.start, provider=code)), None)
    invoices = ProviderInvoice.objects.counting().filter(
        provider_code=code, month=month.period.start
    )
    rows = ProviderInvoiceLine.objects.filter(invoice__in=invoices).select_related("invoice")
    if named:
        rows = rows.filter(model__in=[named, *(found.names.get(named, ()) if found else ())])
    if name:
        rows = rows.filter(token_class=name)
    if day:
        rows = rows.filter(day=_day(day))
    shown = list(rows.order_by("day", "pk")[: _LINES + 1])
    return respond(
        request,
        "reconciliation/lines",
        title=f"{provider_name(code)}: bill and usage",
        table=lines_table(shown[:_LINES], linked=request.user.has_perm(PREVIEW)),
        month=month,
        stands_alone=BY_UTC,
        strip=as_of_now(month.period, READ),
        chips=_chips(named, name, day),
        more_lines=len(shown) > _LINES,
        rows=_both(found, named, name, day),
        usage=_usage(found, month, code, named, day),
        parent=(provider_name(code), f"reconciliation/of/{quoted(code)}?month={month.key}"),
    )


def _day(text: str) -> dt.date | None:
    with suppress(ValueError):
        return dt.date.fromisoformat(text)
    return None


def _chips(named: str, name: str, day: str) -> list[Chip]:
    shown = [("named", "Model", named), ("class", "Token class", name), ("day", "UTC day", day)]
    return [Chip(*one) for one in shown if one[2]]


def _both(found: Reconciliation | None, named: str, name: str, day: str) -> list[Compared]:
    if found is None:
        return []
    on = _day(day)
    rows = found.days.get(on, []) if day and on else found.models
    return [
        r for r in rows if (not named or r.model == named) and (not name or r.token_class == name)
    ]


def _usage(found: Reconciliation | None, month: Picked, code: str, named: str, day: str) -> str:
    """Lead to the events of the other side: by UTC day or month, over the reporting days around."""
    days = around(month.period.start)
    last = days.end - dt.timedelta(days=1)
    query: list[tuple[str, Any]] = [
        ("from", days.start), ("to", last), ("provider", code), ("measure", "cost"),
        ("utc_day", day) if day else ("utc_month", month.key),
    ]  # fmt: skip
    if named:
        names = {named, *(found.names.get(named, ()) if found else ())}
        query += [("model", one) for one in sorted(names)]
    return f"{reverse('pages:explorer-cell')}?{urlencode(query)}"
