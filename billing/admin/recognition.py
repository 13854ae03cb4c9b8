"""How revenue is recognised: policies of plans, and by what lines without a plan are split."""

from django.contrib import admin
from unfold.admin import ModelAdmin

from billing.models import InvoiceSplit, RecognitionPolicy
from billing.resources import RecognitionPolicyResource
from customers.admin import TableAdmin


@admin.register(RecognitionPolicy)
class RecognitionPolicyAdmin(TableAdmin):
    """Recognition policies."""

    resource_classes = (RecognitionPolicyResource,)
    list_display = (
        "plan", "one_off_months", "prepaid", "accrual", "measure", "unit_price", "currency",
        "valid_from", "valid_to",
    )  # fmt: skip
    list_select_related = ("plan",)
    list_filter = ("prepaid", "accrual")
    autocomplete_fields = ("plan",)
    search_fields = ("plan__code", "plan__name", "reason")
    ordering = ("plan__code", "valid_from", "pk")
    fieldsets = (
        (None, {"fields": ("plan", ("valid_from", "valid_to"), "reason")}),
        ("One-off lines", {"fields": ("one_off_months",)}),
        ("Prepaid credits", {"fields": ("prepaid", ("expiry_months", "breakage_pct"))}),
        ("Usage not yet billed", {"fields": ("accrual",)}),
        ("Price of usage", {"fields": ("measure", ("unit_price", "currency"))}),
    )


@admin.register(InvoiceSplit)
class InvoiceSplitAdmin(ModelAdmin):
    """Rules for lines that name no plan."""

    list_display = ("method", "valid_from", "valid_to", "reason")
    ordering = ("valid_from", "pk")
