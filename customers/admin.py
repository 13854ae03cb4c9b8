"""Customers, end users and teams in the admin."""

from django.contrib import admin
from unfold.admin import ModelAdmin, TabularInline

from customers.models import Customer, CustomerAlias, CustomerAttribute, EndUser, Team


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
class CustomerAdmin(ModelAdmin):
    """Customers."""

    list_display = ("name", "external_id", "status", "owner")
    search_fields = ("name", "external_id", "aliases__alias")
    list_filter = ("status",)
    ordering = ("name",)
    inlines = (AliasInline, AttributeInline)


@admin.register(EndUser)
class EndUserAdmin(ModelAdmin):
    """End users."""

    list_display = ("external_id", "name", "customer")
    search_fields = ("external_id", "name")
    list_select_related = ("customer",)
    autocomplete_fields = ("customer",)


@admin.register(Team)
class TeamAdmin(ModelAdmin):
    """Teams."""

    list_display = ("external_id", "name")
    search_fields = ("external_id", "name")
