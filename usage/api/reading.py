"""Read endpoints of the usage app."""

from typing import Any

from rest_framework import serializers, viewsets

from usage.models import Feature, Price, Source


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


class SourceViewSet(viewsets.ReadOnlyModelViewSet[Source]):
    """Sources of usage."""

    queryset = Source.objects.order_by("name")
    serializer_class = SourceSerializer
    filterset_fields = ("name",)
