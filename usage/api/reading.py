"""Read endpoints of the usage app."""

from typing import Any

from django.utils import timezone
from rest_framework import serializers, viewsets

from usage.intake import process_of
from usage.models import Feature, Price, SdkProcess, Source

_PIECES = 1000


class FeatureSerializer(serializers.ModelSerializer[Feature]):
    """A feature."""

    class Meta:
        model = Feature
        fields = ("external_id", "name")


class PriceSerializer(serializers.ModelSerializer[Price]):
    """A price per million."""

    class Meta:
        model = Price
        fields = (
            "provider_code", "model", "service_tier", "region", "token_class", "unit",
            "threshold", "price_window", "kind", "per_million", "currency", "valid_from",
            "valid_to", "source", "source_version",
        )  # fmt: skip


class SourceSerializer(serializers.ModelSerializer[Source]):
    """A source of usage."""

    class Meta:
        model = Source
        fields = ("name", "created_at")


class SdkProcessSerializer(serializers.Serializer[SdkProcess]):
    """A process of an SDK: created = arrived + dropped + on_the_way + missing.

    `missing` is null where the process is not followed to the number; `not_arrived` lists the
    first and last number of each piece that is not here, those dropped among them.
    """

    source = serializers.CharField()  # type: ignore[assignment]
    process = serializers.CharField()
    version = serializers.CharField()
    state = serializers.CharField()
    created = serializers.IntegerField()
    arrived = serializers.IntegerField()
    dropped = serializers.DictField(child=serializers.IntegerField())
    on_the_way = serializers.IntegerField()
    missing = serializers.IntegerField(allow_null=True)
    not_arrived = serializers.ListField(
        child=serializers.ListField(child=serializers.IntegerField())
    )
    first_seen_at = serializers.DateTimeField()
    last_seen_at = serializers.DateTimeField()

    def to_representation(self, instance: SdkProcess) -> dict[str, Any]:
        """Count the process."""
        counted = process_of(instance, now=timezone.now())
        names = [str(name) for name in self.fields]
        found = {name: getattr(counted, name) for name in names if name != "not_arrived"}
        return found | {"not_arrived": counted.holes[:_PIECES]}


class FeatureViewSet(viewsets.ReadOnlyModelViewSet[Feature]):
    """Features of the product."""

    queryset = Feature.objects.order_by("external_id")
    serializer_class = FeatureSerializer
    filterset_fields = ("external_id", "name")


class PriceViewSet(viewsets.ReadOnlyModelViewSet[Price]):
    """Prices in force."""

    queryset = Price.objects.filter(superseded_at=None).order_by("pk")
    serializer_class = PriceSerializer
    filterset_fields: Any = ("provider_code", "model", "token_class", "service_tier", "kind")


class SdkProcessViewSet(viewsets.ReadOnlyModelViewSet[SdkProcess]):
    """Processes of SDKs, and which of their events are not here."""

    queryset = SdkProcess.objects.select_related("source").order_by("-last_seen_at", "-pk")
    serializer_class = SdkProcessSerializer
    lookup_field = "process"
    lookup_value_regex = "[0-9a-f-]{14}"
    filterset_fields: Any = ("source__name", "process")


class SourceViewSet(viewsets.ReadOnlyModelViewSet[Source]):
    """Sources of usage."""

    queryset = Source.objects.order_by("name")
    serializer_class = SourceSerializer
    filterset_fields = ("name",)
