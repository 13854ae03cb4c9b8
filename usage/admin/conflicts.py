"""Conflicts: the version that stands beside the one refused."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import RelatedDropdownFilter

from usage.admin.facts import FactAdmin, pretty, when
from usage.admin.filters import DaysFilter
from usage.models import Conflict
from usage.quarantine import compare


@admin.register(Conflict)
class ConflictAdmin(FactAdmin):
    """Other content under a known id."""

    list_display = ("id", "received_at", "source", "api_key", "event_id", "batch", "index")
    list_filter = (
        ("source", RelatedDropdownFilter),
        ("batch__received_at", DaysFilter),
    )
    list_filter_submit = True
    list_select_related = ("source", "batch__api_key")
    search_fields = ("event_id__exact",)
    ordering = ("-pk",)
    fields = (
        "source", "api_key", "batch", "received_at", "index", "event_id", "kept", "refused",
        "differs", "version_kept", "version_refused",
    )  # fmt: skip
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Conflict]:
        """Bring source and batch along."""
        found: QuerySet[Conflict] = super().get_queryset(request)
        return found.select_related("source", "batch__api_key")

    @admin.display(ordering="batch__received_at")
    def received_at(self, row: Conflict) -> str:
        """When the refused version came first."""
        return when(row.batch.received_at)

    @admin.display(description="API key")
    def api_key(self, row: Conflict) -> Any:
        """With which key."""
        return row.batch.api_key

    @admin.display(description="fields that differ")
    def differs(self, row: Conflict) -> str:
        """Name the fields."""
        return ", ".join(compare(row).differs)

    @admin.display(description="kept: as stored first")
    def version_kept(self, row: Conflict) -> SafeString:
        """Show the ledger's lines."""
        return pretty(compare(row).stored)

    @admin.display(description="refused: as sent later")
    def version_refused(self, row: Conflict) -> SafeString:
        """Show the other version's allow-listed fields."""
        return pretty(row.fields)
