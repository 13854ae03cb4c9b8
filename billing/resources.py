"""Plans and their prices as CSV or XLSX."""

from import_export.fields import Field
from import_export.widgets import ForeignKeyWidget

from billing.models import Plan, PlanPrice
from tknops.tables import ExactWidget, SafeResource


class PlanResource(SafeResource):
    """One row a plan, found by its code."""

    class Meta:
        model = Plan
        import_id_fields = ("code",)
        fields = ("code", "name")
        clean_model_instances = True
        skip_unchanged = True


class PlanPriceResource(SafeResource):
    """One row a dated price of a plan; found by plan, interval and first day."""

    plan = Field(attribute="plan", column_name="plan", widget=ForeignKeyWidget(Plan, field="code"))
    price = Field(attribute="price", column_name="price", widget=ExactWidget())

    class Meta:
        model = PlanPrice
        import_id_fields = ("plan", "interval", "valid_from")
        fields = ("plan", "price", "currency", "interval", "valid_from", "valid_to")
        clean_model_instances = True
        skip_unchanged = True
