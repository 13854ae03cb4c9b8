"""Plans, their prices and how their revenue is recognised, as CSV or XLSX."""

from typing import Any

from import_export.fields import Field
from import_export.widgets import ForeignKeyWidget

from billing.models import Plan, PlanPrice, RecognitionPolicy
from tknops.tables import ExactWidget, SafeResource

_COUNT = "interval_count"


class PlanResource(SafeResource):
    """One row a plan, found by its code."""

    class Meta:
        model = Plan
        import_id_fields = ("code",)
        fields = ("code", "name")
        clean_model_instances = True
        skip_unchanged = True


class PlanPriceResource(SafeResource):
    """One row a dated price of a plan; found by plan, interval, count of intervals and first day.

    Files from before there was a count have none: then it is 1.
    """

    plan = Field(attribute="plan", column_name="plan", widget=ForeignKeyWidget(Plan, field="code"))
    price = Field(attribute="price", column_name="price", widget=ExactWidget())

    class Meta:
        model = PlanPrice
        import_id_fields = ("plan", "interval", "interval_count", "valid_from")
        fields = (
            "plan", "price", "currency", "interval", "interval_count", "valid_from", "valid_to",
        )  # fmt: skip
        clean_model_instances = True
        skip_unchanged = True

    def before_import(self, dataset: Any, **kwargs: Any) -> None:
        """Give every row a count of intervals."""
        super().before_import(dataset, **kwargs)
        if dataset.headers and _COUNT not in dataset.headers:
            dataset.append_col(["1"] * len(dataset), header=_COUNT)


class RecognitionPolicyResource(SafeResource):
    """One row a dated policy of a plan; found by plan and first day."""

    plan = Field(attribute="plan", column_name="plan", widget=ForeignKeyWidget(Plan, field="code"))
    breakage_pct = Field(attribute="breakage_pct", column_name="breakage_pct", widget=ExactWidget())
    unit_price = Field(attribute="unit_price", column_name="unit_price", widget=ExactWidget())

    class Meta:
        model = RecognitionPolicy
        import_id_fields = ("plan", "valid_from")
        fields = (
            "plan", "valid_from", "valid_to", "one_off_months", "prepaid", "expiry_months",
            "breakage_pct", "accrual", "measure", "unit_price", "currency", "reason",
        )  # fmt: skip
        clean_model_instances = True
        skip_unchanged = True
