"""Cost pools and their amounts by hand; rules have a page of their own, with a look before."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import ModelAdmin, TabularInline

from billing.admin.pool_form import AmountForm, PoolForm
from billing.models import CostPool, CostPoolAmount


class AmountInline(TabularInline):
    """Dated amounts."""

    model = CostPoolAmount
    form = AmountForm
    extra = 1
    fields = ("service_start", "service_end", "amount", "usage", "note")
    ordering = ("service_start", "pk")


@admin.register(CostPool)
class CostPoolAdmin(ModelAdmin):
    """Cost pools."""

    form = PoolForm
    list_display = ("name", "kind", "cost_class", "vendor", "currency")
    list_filter = ("kind", "cost_class")
    search_fields = ("name", "vendor")
    ordering = ("name",)
    inlines = (AmountInline,)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Keep the currency: amounts are in its minor units."""
        return ("currency",) if obj else ()
