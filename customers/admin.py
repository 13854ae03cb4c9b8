"""Customers, end users and teams in the admin."""

from django.contrib import admin
from django.http import HttpRequest
from import_export.admin import ImportExportModelAdmin
from unfold.admin import ModelAdmin, TabularInline
from unfold.contrib.import_export.forms import ExportForm, ImportForm

from customers.models import (
    Customer,
    CustomerAlias,
    CustomerAttribute,
    EndUser,
    EndUserAlias,
    Team,
    TeamAlias,
)
from customers.resources import (
    CustomerAliasResource,
    CustomerAttributeResource,
    CustomerResource,
)


class TableAdmin(ModelAdmin, ImportExportModelAdmin):
    """A table that can be filled from CSV or XLSX, previewed first, and taken out again."""

    import_form_class = ImportForm
    export_form_class = ExportForm

    def has_export_permission(self, request: HttpRequest) -> bool:
        """Downloading is a right of its own, for tables as for reports."""
        return bool(request.user.has_perm("billing.export_report"))


class AliasInline(TabularInline):
    """Other ids of a customer."""

    model = CustomerAlias
    extra = 0


class AttributeInline(TabularInline):
    """Dated attributes of a customer."""

    model = CustomerAttribute
    extra = 0
    fields = ("name", "value", "valid_from", "valid_to")


@admin.register(Customer)
class CustomerAdmin(TableAdmin):
    """Customers."""

    resource_classes = (CustomerResource,)
    list_display = ("name", "external_id", "status", "owner")
    search_fields = ("name", "external_id", "aliases__alias")
    list_filter = ("status",)
    ordering = ("name",)
    inlines = (AliasInline, AttributeInline)


@admin.register(CustomerAlias)
class CustomerAliasAdmin(TableAdmin):
    """Other ids of customers."""

    resource_classes = (CustomerAliasResource,)
    list_display = ("alias", "customer", "created_at")
    search_fields = ("alias", "customer__name")
    list_select_related = ("customer",)
    autocomplete_fields = ("customer",)
    ordering = ("alias",)


@admin.register(CustomerAttribute)
class CustomerAttributeAdmin(TableAdmin):
    """Dated attributes of customers."""

    resource_classes = (CustomerAttributeResource,)
    list_display = ("customer", "name", "value", "valid_from", "valid_to")
    list_filter = ("name",)
    search_fields = ("customer__name", "value")
    list_select_related = ("customer",)
    autocomplete_fields = ("customer",)
    fields = ("customer", "name", "value", "valid_from", "valid_to")
    ordering = ("customer__name", "name", "valid_from")


class EndUserAliasInline(TabularInline):
    """Other references an end user is sent under."""

    model = EndUserAlias
    extra = 0


class TeamAliasInline(TabularInline):
    """Other references a team is sent under."""

    model = TeamAlias
    extra = 0


@admin.register(EndUser)
class EndUserAdmin(ModelAdmin):
    """End users."""

    list_display = ("external_id", "name", "customer")
    search_fields = ("external_id", "name", "aliases__alias")
    list_select_related = ("customer",)
    autocomplete_fields = ("customer",)
    ordering = ("external_id",)
    inlines = (EndUserAliasInline,)


@admin.register(Team)
class TeamAdmin(ModelAdmin):
    """Teams."""

    list_display = ("external_id", "name")
    search_fields = ("external_id", "name", "aliases__alias")
    ordering = ("name", "pk")
    inlines = (TeamAliasInline,)
