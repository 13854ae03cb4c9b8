"""Customers and their attributes as CSV or XLSX: natural keys, fields listed, formulas defused."""

from import_export.fields import Field
from import_export.widgets import ForeignKeyWidget

from customers.models import Customer, CustomerAlias, CustomerAttribute
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


class CustomerAliasResource(SafeResource):
    """One row an alias: the other id, and the external id of its customer."""

    customer = Field(
        attribute="customer",
        column_name="customer",
        widget=ForeignKeyWidget(Customer, field="external_id"),
    )

    class Meta:
        model = CustomerAlias
        import_id_fields = ("alias",)
        fields = ("alias", "customer")
        clean_model_instances = True
        skip_unchanged = True


class CustomerAttributeResource(SafeResource):
    """One row a dated value of an attribute; found by customer, name and first day."""

    customer = Field(
        attribute="customer",
        column_name="customer",
        widget=ForeignKeyWidget(Customer, field="external_id"),
    )

    class Meta:
        model = CustomerAttribute
        import_id_fields = ("customer", "name", "valid_from")
        fields = ("customer", "name", "value", "valid_from", "valid_to")
        clean_model_instances = True
        skip_unchanged = True
