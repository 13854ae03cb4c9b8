"""Features, and other names of models."""

from django.contrib import admin
from unfold.admin import ModelAdmin, TabularInline

from usage.models import Feature, FeatureAlias, ModelAlias


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
