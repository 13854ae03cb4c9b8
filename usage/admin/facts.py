"""What happened, to look at only."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from usage.models import Quarantined, Source, UsageBatch


class FactAdmin(ModelAdmin):
    """Facts are neither added nor changed nor deleted by hand."""

    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nobody may."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody may."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody may."""
        return False


@admin.register(UsageBatch)
class UsageBatchAdmin(FactAdmin):
    """Accepted requests."""

    list_display = (
        "id", "source", "received_at", "received", "stored", "duplicate", "conflict", "rejected",
    )  # fmt: skip
    list_filter = ("source",)
    list_select_related = ("source",)
    ordering = ("-pk",)


@admin.register(Quarantined)
class QuarantinedAdmin(FactAdmin):
    """Rejected events."""

    list_display = ("id", "batch", "index", "code", "pointer", "detail")
    list_filter = ("code",)
    list_select_related = ("batch",)
    ordering = ("-pk",)


@admin.register(Source)
class SourceAdmin(ModelAdmin):
    """Sources of usage."""

    list_display = ("name", "created_at")
    readonly_fields = ("is_demo",)
