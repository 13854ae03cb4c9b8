"""Features and the price book."""

from django.contrib import admin
from unfold.admin import ModelAdmin, TabularInline

from usage.admin.price_form import PriceForm
from usage.models import Feature, FeatureAlias, ModelAlias, Price


class FeatureAliasInline(TabularInline):
    """Other references a feature is sent under."""

    model = FeatureAlias
    extra = 0


@admin.register(Feature)
class FeatureAdmin(ModelAdmin):
    """Features."""

    list_display = ("external_id", "name")
    search_fields = ("external_id", "name", "aliases__alias")
    ordering = ("name", "pk")
    inlines = (FeatureAliasInline,)


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
