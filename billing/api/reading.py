"""Read endpoints of customers and plans."""

from rest_framework import serializers, viewsets

from billing.models import Plan
from customers.models import Customer


class CustomerSerializer(serializers.ModelSerializer[Customer]):
    """A customer."""

    class Meta:
        model = Customer
        fields = ("external_id", "name", "email", "status", "owner", "created_at")


class PlanSerializer(serializers.ModelSerializer[Plan]):
    """A plan."""

    class Meta:
        model = Plan
        fields = ("code", "name")


class CustomerViewSet(viewsets.ReadOnlyModelViewSet[Customer]):
    """Customers."""

    queryset = Customer.objects.order_by("external_id")
    serializer_class = CustomerSerializer
    filterset_fields = ("external_id", "name", "status")


class PlanViewSet(viewsets.ReadOnlyModelViewSet[Plan]):
    """Plans."""

    queryset = Plan.objects.order_by("code")
    serializer_class = PlanSerializer
    filterset_fields = ("code", "name")
