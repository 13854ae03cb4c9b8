"""The price book in the admin: versions, money first."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from unfold.admin import ModelAdmin

from billing.admin.adjustment_form import AdjustmentForm
from billing.admin.money_first import MoneyFirst
from billing.admin.price_form import PriceForm
from billing.reports.reprice import preview
from usage.admin.facts import FactAdmin
from usage.models import Price, PriceAdjustment, PriceRevision
from usage.pricing import PriceChange
from usage.repricing import BookChangedError, apply


class VersionedAdmin(ModelAdmin):
    """Rows nobody overwrites: a change ends one and adds another, as a revision."""

    show_full_result_count = False
    change_form_before_template = "tknops/admin/money_first.html"
    actions = ("withdraw",)

    def change_to_withdraw(self, keys: frozenset[int]) -> PriceChange:
        """Return the change that takes these rows out of force."""
        raise NotImplementedError

    def save_model(self, request: HttpRequest, obj: Any, form: MoneyFirst, change: Any) -> None:
        """Apply what the form says as one revision."""
        if change and not set(form.changed_data) - {"reason", "previewed", "checked"}:
            return
        revision = apply(
            form.change(),
            now=timezone.now(),
            user=request.user,
            reason=form.cleaned_data["reason"],
        )
        made = type(obj).objects.get(added_in=revision)
        obj.pk = made.pk
        obj.refresh_from_db()

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Say so where somebody else changed the book meanwhile."""
        try:
            answer: HttpResponse = super().changeform_view(request, *args, **kwargs)
        except BookChangedError as error:
            messages.error(request, f"Not saved: {error}.")
            return redirect(request.get_full_path())
        return answer

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What was superseded is history."""
        superseded = obj is not None and obj.superseded_at is not None
        return bool(super().has_change_permission(request, obj)) and not superseded

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody may: a report of the past can be asked what it was made from."""
        return False

    @admin.action(description="Take out of the price book", permissions=["change"])
    def withdraw(self, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse | None:
        """End the chosen rows for all days, once the money it moves was seen."""
        keys = frozenset(queryset.filter(superseded_at=None).values_list("pk", flat=True))
        change = self.change_to_withdraw(keys)
        found = None if request.POST.get("seen") else preview(change)
        if found and found.moves:
            return render(
                request,
                "tknops/admin/withdraw_prices.html",
                {
                    **admin.site.each_context(request),
                    "title": "Take out of the price book",
                    "preview": found,
                    "rows": queryset,
                    "back": request.get_full_path(),
                },
            )
        if change:
            reason = request.POST.get("reason", "")[:300]
            apply(change, now=timezone.now(), user=request.user, reason=reason)
        self.message_user(request, f"{len(keys):,} taken out of the price book.")
        return None


@admin.register(Price)
class PriceAdmin(VersionedAdmin):
    """Prices per million."""

    form = PriceForm
    list_display = (
        "provider_code", "model", "token_class", "service_tier", "threshold", "per_million",
        "currency", "kind", "valid_from", "valid_to", "source",
    )  # fmt: skip
    search_fields = ("model", "provider_code")
    list_filter = ("kind", "source", "token_class")
    ordering = ("provider_code", "model", "token_class", "threshold", "pk")
    readonly_fields = ("source", "source_version", "original", "superseded_at")
    exclude = ("added_in", "superseded_in")

    def change_to_withdraw(self, keys: frozenset[int]) -> PriceChange:
        """End prices."""
        return PriceChange(ended_prices=keys)


@admin.register(PriceAdjustment)
class PriceAdjustmentAdmin(VersionedAdmin):
    """Discounts, committed rates and factors."""

    form = AdjustmentForm
    list_display = (
        "name", "kind", "value", "provider_code", "model", "service_tier", "region",
        "token_class", "valid_from", "valid_to", "superseded_at",
    )  # fmt: skip
    search_fields = ("name", "model", "provider_code")
    list_filter = ("kind",)
    ordering = ("name", "pk")
    readonly_fields = ("superseded_at",)
    exclude = ("added_in", "superseded_in")

    def change_to_withdraw(self, keys: frozenset[int]) -> PriceChange:
        """End adjustments."""
        return PriceChange(ended_adjustments=keys)


@admin.register(PriceRevision)
class PriceRevisionAdmin(FactAdmin):
    """Who changed the price book, when and why; taken back from a model's history."""

    list_display = ("id", "created_at", "created_by", "kind", "reason", "reverts")
    list_select_related = ("created_by", "reverts")
    list_filter = ("kind",)
    ordering = ("-pk",)
