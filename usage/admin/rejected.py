"""Rejected events: why, what is left of them, and the way back in."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import (
    AllValuesCheckboxFilter,
    RelatedDropdownFilter,
)
from unfold.decorators import action

from usage.admin.facts import FactAdmin, as_json, pretty, when
from usage.admin.filters import DaysFilter
from usage.models import Quarantined, Replay
from usage.quarantine import FieldsError, parse_fields, replay

_MOST_AT_ONCE = 20_000


class OutcomeFilter(admin.SimpleListFilter):
    """Whether it was replayed, and what became of it then."""

    title = "replay"
    parameter_name = "replay"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Offer the outcomes."""
        outcomes = ("stored", "duplicate", "conflict", "rejected")
        return [("none", "not replayed"), *((name, name) for name in outcomes)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Keep those of the newest outcome asked for."""
        if self.value() == "none":
            return queryset.filter(replayed=None)
        return queryset.filter(replayed=self.value()) if self.value() else queryset


class FixForm(forms.Form):
    """The fields of a rejected event, as JSON to correct."""

    fields_json = forms.CharField(
        label="Fields", widget=forms.Textarea(attrs={"rows": 24, "spellcheck": "false"})
    )


@admin.register(Quarantined)
class QuarantinedAdmin(FactAdmin):
    """Rejected events."""

    list_display = (
        "id", "received_at", "source", "index", "code", "pointer", "detail", "outcome",
    )  # fmt: skip
    list_filter = (
        ("code", AllValuesCheckboxFilter),
        ("batch__source", RelatedDropdownFilter),
        ("batch__received_at", DaysFilter),
        OutcomeFilter,
    )
    list_filter_submit = True
    list_select_related = ("batch__source", "batch__api_key")
    ordering = ("-pk",)
    actions = ("replay_selected",)
    actions_detail = ("fix_and_replay",)
    fields = (
        "source", "api_key", "batch", "received_at", "index", "code", "pointer", "detail",
        "fields_left", "removed_names", "sha256_of_original", "replayed_as",
    )  # fmt: skip
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Quarantined]:
        """Bring the batch and the newest replay along."""
        newest = Replay.objects.filter(rejected=OuterRef("pk")).order_by("-pk")
        found: QuerySet[Quarantined] = super().get_queryset(request)
        return found.select_related("batch__source", "batch__api_key").annotate(
            replayed=Subquery(newest.values("outcome")[:1])
        )

    def has_replay_permission(self, request: HttpRequest, _object_id: Any = None) -> bool:
        """Let those in who may add usage by replaying."""
        return bool(request.user.has_perm("usage.add_replay"))

    @admin.display(ordering="batch__received_at")
    def received_at(self, row: Quarantined) -> str:
        """When its request came."""
        return when(row.batch.received_at)

    @admin.display(ordering="batch__source")
    def source(self, row: Quarantined) -> Any:
        """Who sent it."""
        return row.batch.source

    @admin.display(description="API key")
    def api_key(self, row: Quarantined) -> Any:
        """With which key."""
        return row.batch.api_key

    @admin.display(description="replayed", ordering="replayed", empty_value="—")
    def outcome(self, row: Any) -> str | None:
        """What became of the newest replay."""
        outcome: str | None = row.replayed
        return "rejected again" if outcome == "rejected" else outcome

    @admin.display(description="fields kept")
    def fields_left(self, row: Quarantined) -> SafeString:
        """Show the allow-listed fields."""
        return pretty(row.fields)

    @admin.display(description="fields removed (names only)")
    def removed_names(self, row: Quarantined) -> str:
        """Name what was taken out."""
        return ", ".join(row.removed) or "none"

    @admin.display(description="SHA-256 of the original")
    def sha256_of_original(self, row: Quarantined) -> str:
        """Show it in hex."""
        return bytes(row.sha256).hex()

    @admin.display(description="replays")
    def replayed_as(self, row: Quarantined) -> str:
        """Tell each attempt."""
        return "; ".join(_told(one) for one in row.replays.select_related("replayed_by")) or "none"

    @admin.action(description="Replay as they are", permissions=["replay"])
    def replay_selected(self, request: HttpRequest, rows: QuerySet[Any]) -> None:
        """Send the selected events again, such as after the server learnt a new unit."""
        some = rows.filter(replayed=None) | rows.filter(replayed="rejected")
        pairs = [(row, row.fields) for row in some[:_MOST_AT_ONCE]]
        made = replay(corrected=pairs, now=timezone.now(), user=request.user)
        outcomes = [one.outcome for one in made]
        counts = ", ".join(f"{outcomes.count(name):,} {name}" for name in sorted(set(outcomes)))
        self.message_user(request, f"{len(made):,} events replayed: {counts or 'none was left'}.")

    @action(  # type: ignore[untyped-decorator]
        description="Fix and replay", url_path="fix-and-replay", permissions=["replay"]
    )
    def fix_and_replay(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Offer the fields to correct; send them again."""
        row = get_object_or_404(self.get_queryset(request), pk=object_id)
        form = FixForm(request.POST or None, initial={"fields_json": as_json(row.fields)})
        if request.method == "POST" and form.is_valid():
            try:
                fields = parse_fields(form.cleaned_data["fields_json"], rejected=row)
            except FieldsError as error:
                form.add_error("fields_json", str(error))
            else:
                [made] = replay(corrected=[(row, fields)], now=timezone.now(), user=request.user)
                level = messages.WARNING if made.outcome == "rejected" else messages.SUCCESS
                self.message_user(request, f"{row}: {_told(made)}.", level)
                return redirect("admin:usage_quarantined_change", row.pk)
        context = {
            **self.admin_site.each_context(request), "title": f"Fix and replay {row}",
            "form": form, "row": row,
        }  # fmt: skip
        return render(request, "tknops/admin/fix_and_replay.html", context)


def _told(made: Replay) -> str:
    again = f"rejected again ({made.code}: {made.detail})"
    outcome = again if made.outcome == "rejected" else made.outcome
    who = f" by {made.replayed_by}" if made.replayed_by else ""
    return f"{outcome} at {made.replayed_at:%Y-%m-%d %H:%M} UTC{who}"
