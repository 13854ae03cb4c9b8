"""Files of provider bills: upload, look at what they would bring, confirm, undo."""

import datetime as dt
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.db.models import Count, DecimalField, F, Max, Min, Q, QuerySet, Sum, Value
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from billing.models import ProviderImport, ProviderInvoice
from billing.pages.access import PREVIEW, page
from billing.pages.file_life import FileLife
from billing.pages.render import respond
from billing.pages.sent_files import csv_template
from billing.provider_bills import (
    COLUMNS,
    apply_bill,
    give_up_bill,
    job_of,
    receive_bill,
    start_bill,
    undo_bill,
)
from billing.reports.rows import quoted
from billing.reports.table import Column, Row, Table

CHANGE = "billing.add_providerimport"
_MONEY = DecimalField(max_digits=50, decimal_places=18)
_INVOICES = (
    Column("provider", "Provider"),
    Column("month", "UTC month"),
    Column("source", "Read as"),
    Column("number", "Invoice"),
    Column("lines", "Lines", "count"),
    Column("days", "UTC days"),
    Column("usage", "Usage", "minor"),
    Column("credits", "Credits", "minor"),
    Column("tax", "Tax", "minor"),
    Column("other", "Rounding and other", "minor"),
    Column("total", "Total", "minor", "usage + credits + tax + rounding and other"),
    Column("stated", "Total stated", "minor", "as on the invoice, where it was given"),
    Column("currency", "Currency"),
    Column("quantity", "Quantity", "count"),
)


def _applied(made: ProviderImport, now: dt.datetime) -> str:
    apply_bill(made=made, now=now)
    return "imported"


def _undone(made: ProviderImport, now: dt.datetime) -> str:
    undo_bill(made=made, now=now)
    return "it counts no more"


_LIFE = FileLife(
    ProviderImport, "pages:provider-bill", CHANGE, urls="pages:provider-bill", may_be_given_up=True
)
bill_apply = _LIFE.view(_applied, "it does not count")
bill_undo = _LIFE.view(_undone, "it stays")


@page(PREVIEW)
def bill_upload(request: HttpRequest) -> HttpResponse:
    """Offer the form and list the imports; files sent are read, by a worker if they are large."""
    problem = ""
    if request.method == "POST":
        try:
            return redirect("pages:provider-bill", _received(request).pk)
        except ValueError as error:
            problem = f"{error}."
    return respond(
        request,
        "reconciliation/upload",
        title="Import provider bills",
        more=[_LIFE.listed(Column("lines", "Lines", "count"), lines=lambda made: made.lines)],
        problem=problem,
        parent=("Reconciliation", "reconciliation"),
    )


def _received(request: HttpRequest) -> ProviderImport:
    uploads = request.FILES.getlist("file")
    if not uploads:
        message = "Choose a file first"
        raise ValueError(message)
    made = receive_bill(
        files=[(upload.chunks(), upload.name or "upload") for upload in uploads],
        user=request.user,
        **{name: request.POST.get(name, "") for name in ("provider", "total", "rate")},
    )
    start_bill(made=made, user=request.user, whole=False)
    return made


@require_POST
@page(PREVIEW)
def bill_discard(request: HttpRequest, pk: int) -> HttpResponse:
    """Give up a bill that does not count."""
    made = get_object_or_404(ProviderImport, pk=pk, applied_at=None)
    job = job_of(made)
    if job and job.is_open:
        messages.error(request, f"{made.file_name} is being read; stop that first.")
        return redirect("pages:provider-bill", pk)
    give_up_bill(made=made)
    messages.success(request, f"{made.file_name}: given up, nothing was written.")
    return redirect("pages:provider-bills")


@page(PREVIEW)
def provider_bill(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what files would bring, or have brought, or what is wrong with which line."""
    made = get_object_or_404(ProviderImport, pk=pk)
    invoices = _summed(made.invoices.order_by("provider_code", "month", "pk"))
    rows = [Row(_invoice(one), links=_links(one, made)) for one in invoices]
    return respond(
        request,
        "reconciliation/bill",
        title=f"Bill {made.file_name}",
        made=made,
        job=job_of(made),
        life=_LIFE,
        more=[Table(_INVOICES, rows, caption="Invoices as read", name="invoices")],
        may_change=request.user.has_perm(CHANGE),
        invoice_count=len(rows),
        first=next(iter(invoices), None),
        parent=("Provider bills", "provider-bills"),
    )


def _summed(invoices: QuerySet[ProviderInvoice]) -> QuerySet[ProviderInvoice]:
    def money(field: str, **only: str) -> Any:
        return _sum(f"lines__{field}", **only)

    return invoices.annotate(
        line_count=Count("lines"),
        first_day=Min("lines__day"),
        last_day=Max("lines__day"),
        usage=money("billed_cost", lines__kind="USAGE"),
        credited=money("billed_cost", lines__kind="CREDIT") + money("credits"),
        taxed=money("billed_cost", lines__kind="TAX") + money("tax"),
        whole=money("billed_cost") + money("credits") + money("tax"),
        quantity=Sum("lines__quantity"),
    ).annotate(other=F("whole") - F("usage") - F("credited") - F("taxed"))


def _sum(field: str, **only: str) -> Any:
    return Coalesce(Sum(field, filter=Q(**only)), Value(Decimal(0)), output_field=_MONEY)


def _invoice(one: Any) -> dict[str, Any]:
    return {
        "provider": one.provider_code,
        "month": f"{one.month:%Y-%m}",
        "source": one.get_source_display(),
        "number": one.number,
        "lines": one.line_count,
        "days": f"{one.first_day} – {one.last_day}" if one.first_day else "the month",
        "usage": one.usage,
        "credits": one.credited,
        "tax": one.taxed,
        "other": one.other,
        "total": one.whole,
        "stated": one.total_stated,
        "currency": one.currency,
        "quantity": int(one.quantity) if one.quantity is not None else None,
    }


def _links(one: ProviderInvoice, made: ProviderImport) -> dict[str, str]:
    if made.state != ProviderImport.State.APPLIED:
        return {}
    return {"provider": f"reconciliation/of/{quoted(one.provider_code)}?month={one.month:%Y-%m}"}


@page()
def bill_template(_request: HttpRequest) -> HttpResponse:
    """Send the template: its header and example rows."""
    of = {"provider": "mistral", "currency": "USD", "invoice_number": "M-1017"}
    return csv_template("provider-bill-template.csv", COLUMNS, [
        of | {"day": "2026-10-05", "kind": "usage", "model": "mistral-large",
              "token_class": "input", "quantity": "1200000", "price_per_million": "2.00",
              "billed_cost": "2.40"},
        of | {"month": "2026-10", "kind": "credit", "billed_cost": "-0.40",
              "description": "promotion"},
        of | {"month": "2026-10", "kind": "tax", "billed_cost": "0.38"},
        of | {"month": "2026-10", "kind": "total", "billed_cost": "2.38"},
    ])  # fmt: skip
