"""Customers, people, teams and what is dated of them as CSV or XLSX, by natural keys, defused."""

from django.db.models import Model
from import_export.fields import Field
from import_export.widgets import ForeignKeyWidget

from customers.models import (
    Customer,
    CustomerAlias,
    CustomerAttribute,
    CustomerParent,
    EndUser,
    EndUserAttribute,
    Team,
    TeamAttribute,
)
from tknops.tables import SafeResource


class CustomerResource(SafeResource):
    """One row a customer, found by its external id."""

    class Meta:
        model = Customer
        import_id_fields = ("external_id",)
        fields = ("external_id", "name", "email", "status", "owner")
        clean_model_instances = True
        skip_unchanged = True
        report_skipped = True


def named(model: type[Model], column: str) -> Field:
    """Name a row of another table by its external id."""
    widget = ForeignKeyWidget(model, field="external_id")
    return Field(attribute=column, column_name=column, widget=widget)


class CustomerAliasResource(SafeResource):
    """One row an alias: the other id, and the external id of its customer."""

    customer = named(Customer, "customer")

    class Meta:
        model = CustomerAlias
        import_id_fields = ("alias",)
        fields = ("alias", "customer")
        clean_model_instances = True
        skip_unchanged = True


class EndUserResource(SafeResource):
    """One row an end user, found by the external id."""

    customer = named(Customer, "customer")

    class Meta:
        model = EndUser
        import_id_fields = ("external_id",)
        fields = ("external_id", "name", "customer")
        clean_model_instances = True
        skip_unchanged = True


class TeamResource(SafeResource):
    """One row a team, found by its external id."""

    class Meta:
        model = Team
        import_id_fields = ("external_id",)
        fields = ("external_id", "name")
        clean_model_instances = True
        skip_unchanged = True


class AttributeMeta:
    """What the tables of dated attributes share: values are found by name and first day."""

    clean_model_instances = True
    skip_unchanged = True
    report_skipped = True


class CustomerAttributeResource(SafeResource):
    """One row a dated value of an attribute; found by customer, name and first day."""

    customer = named(Customer, "customer")

    class Meta(AttributeMeta):
        model = CustomerAttribute
        import_id_fields = ("customer", "name", "valid_from")
        fields = ("customer", "name", "value", "valid_from", "valid_to")


class EndUserAttributeResource(SafeResource):
    """One row a dated value of an attribute; found by end user, name and first day."""

    end_user = named(EndUser, "end_user")

    class Meta(AttributeMeta):
        model = EndUserAttribute
        import_id_fields = ("end_user", "name", "valid_from")
        fields = ("end_user", "name", "value", "valid_from", "valid_to")


class TeamAttributeResource(SafeResource):
    """One row a dated value of an attribute; found by team, name and first day."""

    team = named(Team, "team")

    class Meta(AttributeMeta):
        model = TeamAttribute
        import_id_fields = ("team", "name", "valid_from")
        fields = ("team", "name", "value", "valid_from", "valid_to")


class CustomerParentResource(SafeResource):
    """One row a parent of a customer in some days; found by customer and first day."""

    customer = named(Customer, "customer")
    parent = named(Customer, "parent")

    class Meta(AttributeMeta):
        model = CustomerParent
        import_id_fields = ("customer", "valid_from")
        fields = ("customer", "parent", "valid_from", "valid_to")
