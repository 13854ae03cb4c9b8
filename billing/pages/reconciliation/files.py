"""Files of provider bills: upload, look at what they would bring, confirm, undo."""

from decimal import Decimal, InvalidOperation
from typing import Any

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.core.files.uploadedfile import UploadedFile
from django.db.models import Count, DecimalField, F, Max, Min, Q, QuerySet, Sum, Value
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from billing.importers import ImportRefusedError
from billing.models import ProviderImport, ProviderInvoice
from billing.pages.access import PREVIEW, page
from billing.pages.received_files import keep
from billing.pages.render import respond
from billing.pages.sent_files import csv_template
from billing.provider_bills import COLUMNS, apply_bill, stage_bill, undo_bill
from billing.reports.rows import quoted
from billing.reports.table import Column, Row, Table

CHANGE = "billing.add_providerimport"
_LISTED = 50
_MOST_FILES = 50
_LARGEST = Decimal(10) ** 10
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


@page(PREVIEW)
def bill_upload(request: HttpRequest) -> HttpResponse:
    """Offer the form and list the imports; files sent are read and shown."""
    uploads = request.FILES.getlist("file")
    if request.method == "POST" and uploads:
        return redirect("pages:provider-bill", _staged(request, uploads).pk)
    return respond(
        request,
        "reconciliation/upload",
        title="Import provider bills",
        imports=ProviderImport.objects.select_related("created_by").order_by("-pk")[:_LISTED],
        missing_file=request.method == "POST",
        parent=("Reconciliation", "reconciliation"),
    )


def _staged(request: HttpRequest, uploads: "list[UploadedFile[bytes]]") -> ProviderImport:
    if len(uploads) > _MOST_FILES:
        message = f"{len(uploads)} files at once; accepted: up to {_MOST_FILES}"
        raise BadRequest(message)
    kept = [(keep(upload), upload.name or "upload") for upload in uploads]
    try:
        return stage_bill(
            files=kept,
            provider=request.POST.get("provider", "").strip().lower()[:100],
            total_stated=_number(request, "total"),
            rate=_number(request, "rate"),
            user=request.user,
        )
    finally:
        for path, _ in kept:
            path.unlink(missing_ok=True)


def _number(request: HttpRequest, field: str) -> Decimal | None:
    text = request.POST.get(field, "").strip()
    if not text:
        return None
    try:
        found = Decimal(text)
        good = found.is_finite() and abs(found) < _LARGEST and (field != "rate" or found > 0)
    except InvalidOperation:
        good = False
    if not good:
        message = f"{field}: {text!r} is not a number like 8120.40"
        raise BadRequest(message)
    return found


@page(PREVIEW)
def provider_bill(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what files would bring, or have brought, or what is wrong with which line."""
    made = get_object_or_404(ProviderImport, pk=pk)
    invoices = _summed(made.invoices.order_by("provider_code", "month", "pk"))
    rows = [Row(_invoice(one), links=_links(one, made)) for one in invoices]
    return respond(
        request,
        "reconciliation/bill",
        title=made.file_name,
        made=made,
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


@require_POST
@page(CHANGE)
def bill_apply(request: HttpRequest, pk: int) -> HttpResponse:
    """Let an import count; a second click finds it imported."""
    made = get_object_or_404(ProviderImport, pk=pk)
    try:
        apply_bill(made=made, now=timezone.now())
    except ImportRefusedError as error:
        messages.error(request, f"{made.file_name} does not count: {error.errors[0].message}.")
    else:
        messages.success(request, f"{made.file_name} is imported.")
    return redirect("pages:provider-bill", pk)


@require_POST
@page(CHANGE)
def bill_undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Take an import out of every figure."""
    made = get_object_or_404(ProviderImport, pk=pk)
    try:
        undo_bill(made=made, now=timezone.now())
    except ImportRefusedError as error:
        messages.error(request, f"{made.file_name} stays: {error.errors[0].message}.")
    else:
        messages.success(request, f"{made.file_name} counts no more.")
    return redirect("pages:provider-bill", pk)


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
