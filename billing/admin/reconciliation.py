"""Thresholds of reconciliation, names of bills, and the chart of accounts."""

from django.contrib import admin
from unfold.admin import ModelAdmin

from billing.models import BilledModel, LedgerAccount, ReconciliationThreshold


@admin.register(ReconciliationThreshold)
class ReconciliationThresholdAdmin(ModelAdmin):
    """How far bills and tracked cost may be apart."""

    list_display = ("__str__", "green_pct", "amber_pct", "ignore_below")
    ordering = ("provider_code",)


@admin.register(BilledModel)
class BilledModelAdmin(ModelAdmin):
    """Names of models on bills."""

    list_display = ("billed_name", "provider_code", "model")
    list_filter = ("provider_code",)
    search_fields = ("billed_name", "model")
    ordering = ("provider_code", "billed_name")


@admin.register(LedgerAccount)
class LedgerAccountAdmin(ModelAdmin):
    """Accounts in place of the defaults; the page Journal shows where each is posted to."""

    list_display = ("code", "name", "posting", "provider_code")
    list_filter = ("posting",)
    ordering = ("posting", "provider_code")
