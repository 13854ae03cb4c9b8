"""Features and the price book."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from unfold.admin import ModelAdmin, TabularInline

from customers.admin import AttributeAdmin, AttributeInline, TableAdmin
from usage.admin.price_form import PriceForm
from usage.models import Feature, FeatureAlias, FeatureAttribute, ModelAlias, Price
from usage.pricing import revise_price, withdraw_prices
from usage.resources import FeatureAttributeResource, FeatureResource


class FeatureAliasInline(TabularInline):
    """Other references a feature is sent under."""

    model = FeatureAlias
    extra = 0


class FeatureAttributeInline(AttributeInline):
    """Dated attributes of a feature."""

    model = FeatureAttribute


@admin.register(FeatureAttribute)
class FeatureAttributeAdmin(AttributeAdmin):
    """Dated attributes of features."""

    resource_classes = (FeatureAttributeResource,)


@admin.register(Feature)
class FeatureAdmin(TableAdmin):
    """Features."""

    resource_classes = (FeatureResource,)
    list_display = ("external_id", "name")
    search_fields = ("external_id", "name", "aliases__alias")
    ordering = ("name", "pk")
    inlines = (FeatureAliasInline, FeatureAttributeInline)


@admin.register(ModelAlias)
class ModelAliasAdmin(ModelAdmin):
    """Other names of models."""

    list_display = ("provider_code", "alias", "model", "source")
    search_fields = ("alias", "model")
    list_filter = ("source",)
    readonly_fields = ("source",)


@admin.register(Price)
class PriceAdmin(ModelAdmin):
    """Prices per million."""

    form = PriceForm
    list_display = (
        "provider_code", "model", "token_class", "service_tier", "threshold", "per_million",
        "currency", "kind", "valid_from", "valid_to", "source",
    )  # fmt: skip
    search_fields = ("model", "provider_code")
    list_filter = ("kind", "source", "token_class")
    show_full_result_count = False
    ordering = ("provider_code", "model", "token_class", "threshold", "pk")
    readonly_fields = ("source", "source_version", "original", "superseded_at")
    actions = ("withdraw",)

    def save_model(self, request: HttpRequest, obj: Price, form: PriceForm, change: Any) -> None:
        """Add a price, or store the changed one as a new version."""
        if not change:
            obj.save()
        elif form.changed_data:
            revise_price(price=obj, now=timezone.now())

    def has_change_permission(self, request: HttpRequest, obj: Price | None = None) -> bool:
        """What was superseded is history."""
        superseded = obj is not None and obj.superseded_at is not None
        return bool(super().has_change_permission(request, obj)) and not superseded

    def has_delete_permission(self, request: HttpRequest, obj: Price | None = None) -> bool:
        """Nobody may: a report of the past can be asked what it was made from."""
        return False

    @admin.action(description="Take out of the price book", permissions=["change"])
    def withdraw(self, request: HttpRequest, queryset: QuerySet[Price]) -> None:
        """End the chosen prices for all days."""
        count = withdraw_prices(prices=queryset, now=timezone.now())
        self.message_user(request, f"{count:,} prices taken out of the price book.")
