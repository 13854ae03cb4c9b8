"""Features and what is dated of them as CSV or XLSX."""

from customers.resources import AttributeMeta, named
from tknops.tables import SafeResource
from usage.models import Feature, FeatureAttribute


class FeatureResource(SafeResource):
    """One row a feature, found by its external id."""

    class Meta:
        model = Feature
        import_id_fields = ("external_id",)
        fields = ("external_id", "name")
        clean_model_instances = True
        skip_unchanged = True


class FeatureAttributeResource(SafeResource):
    """One row a dated value of an attribute; found by feature, name and first day."""

    feature = named(Feature, "feature")

    class Meta(AttributeMeta):
        model = FeatureAttribute
        import_id_fields = ("feature", "name", "valid_from")
        fields = ("feature", "name", "value", "valid_from", "valid_to")
