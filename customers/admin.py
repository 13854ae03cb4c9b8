"""Customers, end users and teams in the admin."""

from django.contrib import admin
from django.db.models import F
from django.http import HttpRequest
from import_export.admin import ImportExportModelAdmin
from unfold.admin import ModelAdmin, TabularInline
from unfold.contrib.import_export.forms import ExportForm, ImportForm

from customers.dated import DatedAttribute
from customers.forms import DatedFormSet
from customers.models import (
    Customer,
    CustomerAlias,
    CustomerAttribute,
    CustomerParent,
    EndUser,
    EndUserAlias,
    EndUserAttribute,
    Team,
    TeamAlias,
    TeamAttribute,
)
from customers.resources import (
    CustomerAliasResource,
    CustomerAttributeResource,
    CustomerParentResource,
    CustomerResource,
    EndUserAttributeResource,
    EndUserResource,
    TeamAttributeResource,
    TeamResource,
)

_DATES = ("valid_from", "valid_to")


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
    """Dated attributes of their owner; a subclass names the model."""

    formset = DatedFormSet
    extra = 0
    fields = ("name", "value", *_DATES)
    ordering = ("name", F("valid_from").asc(nulls_first=True))
    verbose_name = "attribute from a day to a day"
    verbose_name_plural = "attributes: what reports can be asked by, as it was on each day"


class CustomerAttributeInline(AttributeInline):
    """Dated attributes of a customer."""

    model = CustomerAttribute


class ParentInline(TabularInline):
    """The parents of a customer, one after the other."""

    model = CustomerParent
    formset = DatedFormSet
    fk_name = "customer"
    extra = 0
    fields = ("parent", *_DATES)
    autocomplete_fields = ("parent",)
    ordering = (F("valid_from").asc(nulls_first=True),)
    verbose_name_plural = "parent customer: the group it belongs to, from a day to a day"


class AttributeAdmin(TableAdmin):
    """Dated attributes of one kind of owner."""

    list_filter = ("name",)

    def __init__(self, model: type[DatedAttribute], site: admin.AdminSite) -> None:
        """Name the columns after the owner."""
        owner = model.OWNER
        self.list_display = (owner, "name", "value", *_DATES)
        self.fields = self.list_display
        self.list_select_related = (owner,)
        self.autocomplete_fields = (owner,)
        self.search_fields = (f"{owner}__name", f"{owner}__external_id", "value")
        self.ordering = (
            f"{owner}__external_id", "name", F("valid_from").asc(nulls_first=True)
        )  # fmt: skip
        super().__init__(model, site)


@admin.register(Customer)
class CustomerAdmin(TableAdmin):
    """Customers."""

    resource_classes = (CustomerResource,)
    list_display = ("name", "external_id", "status", "owner")
    search_fields = ("name", "external_id", "aliases__alias")
    list_filter = ("status",)
    ordering = ("name",)
    inlines = (AliasInline, ParentInline, CustomerAttributeInline)


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
class CustomerAttributeAdmin(AttributeAdmin):
    """Dated attributes of customers."""

    resource_classes = (CustomerAttributeResource,)


@admin.register(EndUserAttribute)
class EndUserAttributeAdmin(AttributeAdmin):
    """Dated attributes of end users."""

    resource_classes = (EndUserAttributeResource,)


@admin.register(TeamAttribute)
class TeamAttributeAdmin(AttributeAdmin):
    """Dated attributes of teams."""

    resource_classes = (TeamAttributeResource,)


@admin.register(CustomerParent)
class CustomerParentAdmin(TableAdmin):
    """Which customer belongs to which, when."""

    resource_classes = (CustomerParentResource,)
    list_display = ("customer", "parent", *_DATES)
    fields = list_display
    search_fields = ("customer__name", "parent__name")
    list_select_related = ("customer", "parent")
    autocomplete_fields = ("customer", "parent")
    ordering = ("customer__external_id", F("valid_from").asc(nulls_first=True))


class EndUserAttributeInline(AttributeInline):
    """Dated attributes of an end user."""

    model = EndUserAttribute


class TeamAttributeInline(AttributeInline):
    """Dated attributes of a team."""

    model = TeamAttribute


class EndUserAliasInline(TabularInline):
    """Other references an end user is sent under."""

    model = EndUserAlias
    extra = 0


class TeamAliasInline(TabularInline):
    """Other references a team is sent under."""

    model = TeamAlias
    extra = 0


@admin.register(EndUser)
class EndUserAdmin(TableAdmin):
    """End users."""

    resource_classes = (EndUserResource,)
    list_display = ("external_id", "name", "customer")
    search_fields = ("external_id", "name", "aliases__alias")
    list_select_related = ("customer",)
    autocomplete_fields = ("customer",)
    ordering = ("external_id",)
    inlines = (EndUserAliasInline, EndUserAttributeInline)


@admin.register(Team)
class TeamAdmin(TableAdmin):
    """Teams."""

    resource_classes = (TeamResource,)
    list_display = ("external_id", "name")
    search_fields = ("external_id", "name", "aliases__alias")
    ordering = ("name", "pk")
    inlines = (TeamAliasInline, TeamAttributeInline)
