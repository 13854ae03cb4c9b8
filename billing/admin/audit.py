"""The audit log in the admin: what was changed, from what to what, by whom."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from pghistory.admin import EventsAdmin
from unfold.admin import ModelAdmin

_WHAT = {"insert": "added", "update": "changed", "delete": "deleted"}


class AuditAdmin(EventsAdmin, ModelAdmin):
    """Entries of every audited table, newest first; registered by pghistory's own app."""

    list_display = ("pgh_created_at", "person", "what", "thing", "changes")
    show_full_result_count = False

    def get_list_display(self, _request: HttpRequest) -> tuple[str, ...]:
        """Show sentences rather than the log's own columns."""
        return self.list_display

    @admin.display(description="Who")
    def person(self, entry: Any) -> str:
        """Name the person; what came by a command, a file or SQL has none."""
        return str(entry.user or "—")

    @admin.display(description="What")
    def what(self, entry: Any) -> str:
        """Say added, changed or deleted."""
        return _WHAT.get(entry.pgh_label, str(entry.pgh_label))

    @admin.display(description="Of")
    def thing(self, entry: Any) -> str:
        """Name the table and the row as it was then."""
        data = entry.pgh_data
        named = data.get("external_id") or data.get("name") or data.get("code") or entry.pgh_obj_id
        return f"{entry.pgh_obj_model.rpartition('.')[2]} {named}"

    @admin.display(description="From → to")
    def changes(self, entry: Any) -> str:
        """List the changed columns with both values."""
        differences = (entry.pgh_diff or {}).items()
        return "; ".join(f"{name}: {before} → {after}" for name, (before, after) in differences)

    def has_add_permission(self, _request: HttpRequest) -> bool:
        """Nobody may."""
        return False
