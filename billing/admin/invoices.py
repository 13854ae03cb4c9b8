"""Invoices, payments and the imports they came by: read-only."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import ModelAdmin, TabularInline

from billing.models import (
    BillingImport,
    BillingMapping,
    BillingPull,
    Invoice,
    InvoiceLine,
    PaymentEvent,
)


class ReadOnly:
    """Imported rows are corrected by a new import, not by hand."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody may."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody may."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody may."""
        return False


class LineInline(ReadOnly, TabularInline):  # type: ignore[misc]
    """Lines with the line of the file they came from."""

    model = InvoiceLine
    extra = 0
    fields = (
        "line_id",
        "plan",
        "kind",
        "amount_minor",
        "service_start",
        "service_end",
        "import_line",
    )


@admin.register(Invoice)
class InvoiceAdmin(ReadOnly, ModelAdmin):  # type: ignore[misc]
    """Invoices."""

    list_display = ("external_id", "billing_customer", "invoice_date", "currency", "status")
    list_filter = ("status", "currency")
    search_fields = ("external_id", "number", "billing_customer__name")
    list_select_related = ("billing_customer",)
    ordering = ("-invoice_date", "pk")
    inlines = (LineInline,)


@admin.register(BillingImport)
class BillingImportAdmin(ReadOnly, ModelAdmin):  # type: ignore[misc]
    """Imports."""

    list_display = ("id", "file_name", "profile", "rows", "created", "created_at", "undone_at")
    ordering = ("-pk",)


@admin.register(PaymentEvent)
class PaymentEventAdmin(ReadOnly, ModelAdmin):  # type: ignore[misc]
    """Payments, refunds and disputes, in minor units."""

    list_display = (
        "external_id", "kind", "billing_customer", "occurred_on", "currency", "amount_minor",
        "invoice_reference",
    )  # fmt: skip
    list_filter = ("kind", "currency")
    search_fields = ("external_id", "invoice_reference", "billing_customer__name")
    list_select_related = ("billing_customer",)
    ordering = ("-occurred_on", "pk")


@admin.register(BillingMapping)
class BillingMappingAdmin(ReadOnly, ModelAdmin):  # type: ignore[misc]
    """Saved mappings; saving one under the same name replaces it."""

    list_display = ("name", "created_by", "created_at")
    list_select_related = ("created_by",)
    ordering = ("name",)


@admin.register(BillingPull)
class BillingPullAdmin(ReadOnly, ModelAdmin):  # type: ignore[misc]
    """Fetches from a biller."""

    list_display = ("id", "biller", "state", "since", "until", "objects_fetched", "billing_import")
    list_select_related = ("billing_import",)
    ordering = ("-pk",)
