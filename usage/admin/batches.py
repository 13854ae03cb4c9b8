"""Accepted requests: received = stored + duplicate + conflict + rejected, also in the total."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import QuerySet, Sum
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RelatedDropdownFilter

from usage.admin.facts import FactAdmin
from usage.admin.filters import DaysFilter
from usage.models import Conflict, Quarantined, UsageBatch

_COUNTS = ("received", "stored", "duplicate", "conflict", "rejected")
_FIRST = 20


class BatchList(ChangeList):
    """The list with the sums of everything the filters leave."""

    def get_results(self, request: HttpRequest) -> None:
        """Sum the whole filtered list, not the page shown."""
        super().get_results(request)
        sums = self.queryset.order_by().aggregate(**{name: Sum(name) for name in _COUNTS})
        self.totals = [(name, sums[name] or 0) for name in _COUNTS]


@admin.register(UsageBatch)
class UsageBatchAdmin(FactAdmin):
    """Accepted requests."""

    list_display = ("id", "received_at", "source", "api_key", *_COUNTS)
    list_filter = (
        ("source", RelatedDropdownFilter),
        ("api_key", RelatedDropdownFilter),
        ("received_at", DaysFilter),
        ("alerts__code", ChoicesDropdownFilter),
    )
    list_filter_submit = True
    list_select_related = ("source", "api_key")
    list_before_template = "tknops/admin/batch_totals.html"
    ordering = ("-pk",)
    fields = (
        "source", "api_key", "received_at", *_COUNTS, "months_posted", "alerts_found",
        "rejected_events", "conflicts_kept",
    )  # fmt: skip
    readonly_fields = fields

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        """Use the list with sums."""
        return BatchList

    def get_queryset(self, request: HttpRequest) -> QuerySet[UsageBatch]:
        """Bring source and key along."""
        found: QuerySet[UsageBatch] = super().get_queryset(request)
        return found.select_related("source", "api_key")

    @admin.display(description="usage months")
    def months_posted(self, batch: UsageBatch) -> str:
        """Name each month and, if another, the one it is posted in."""
        months = batch.months.order_by("usage_month")
        return ", ".join(
            f"{month.usage_month:%Y-%m}"
            + (
                f" (posted in {month.posting_month:%Y-%m})"
                if month.posting_month != month.usage_month
                else ""
            )
            for month in months
        )

    @admin.display(description="alerts")
    def alerts_found(self, batch: UsageBatch) -> str:
        """Say what should not have been sent."""
        return "; ".join(f"{a.events:,}: {a.get_code_display()}" for a in batch.alerts.all())

    @admin.display(description="rejected events")
    def rejected_events(self, batch: UsageBatch) -> SafeString | str:
        """List the first and lead to all."""
        rows = Quarantined.objects.filter(batch=batch).order_by("index")[:_FIRST]
        return _linked(
            [(reverse("admin:usage_quarantined_change", args=[row.pk]), f"{row.index}",
              f"{row.code} {row.pointer}", row.detail) for row in rows],
            reverse("admin:usage_quarantined_changelist") + f"?batch__id__exact={batch.pk}",
            batch.rejected,
        )  # fmt: skip

    @admin.display(description="conflicts")
    def conflicts_kept(self, batch: UsageBatch) -> SafeString | str:
        """List the versions first refused in this batch."""
        rows = Conflict.objects.filter(batch=batch).order_by("index")[:_FIRST]
        return _linked(
            [(reverse("admin:usage_conflict_change", args=[row.pk]), f"{row.index}",
              row.event_id, "other content than stored") for row in rows],
            reverse("admin:usage_conflict_changelist") + f"?source__id__exact={batch.source_id}",
            batch.conflict,
        )  # fmt: skip


def _linked(rows: list[tuple[str, str, str, str]], everything: str, count: int) -> SafeString | str:
    if not count:
        return "none"
    listed = format_html_join("", '<li><a href="{}">index {}: {}</a> {}</li>', rows)
    return format_html(
        '<ul class="tk-errors">{}</ul><a href="{}">All {}</a>', listed, everything, f"{count:,}"
    )
