"""Features, and other names of models."""

from django.contrib import admin
from unfold.admin import ModelAdmin, TabularInline

from customers.admin import AttributeAdmin, AttributeInline, TableAdmin
from usage.models import Feature, FeatureAlias, FeatureAttribute, ModelAlias
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
