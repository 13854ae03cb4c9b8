"""The decision register."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from billing.models import Decision


@admin.register(Decision)
class DecisionAdmin(ModelAdmin):
    """Decisions about customers and plans, newest first."""

    list_display = (
        "decision_date", "customer", "plan", "kind", "owner", "expected_effect", "expected_amount",
    )  # fmt: skip
    list_select_related = ("customer", "plan")
    list_filter = ("kind",)
    search_fields = ("customer__name", "plan__name", "owner", "note")
    autocomplete_fields = ("customer", "plan")
    ordering = ("-decision_date", "-pk")

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        """Record who wrote it down first."""
        obj.created_by = obj.created_by or request.user
        super().save_model(request, obj, form, change)
