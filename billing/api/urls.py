"""URLs under /api/v1/."""

from django.urls import include, path
from rest_framework.routers import SimpleRouter

from billing.api.imports import ImportsView, ImportView
from billing.api.margin import MarginView
from billing.api.pools import AllocationsView, CostPoolViewSet
from billing.api.provider_bills import ProviderBillsView, ProviderBillView
from billing.api.reading import CustomerViewSet, PlanViewSet
from billing.api.trace import EventView, TraceView

router = SimpleRouter(trailing_slash=False)
router.register("customers", CustomerViewSet, basename="customer")
router.register("plans", PlanViewSet, basename="plan")
router.register("cost-pools", CostPoolViewSet, basename="cost-pool")

urlpatterns = [
    path("billing/imports", ImportsView.as_view(), name="billing-imports"),
    path("billing/imports/<int:pk>", ImportView.as_view(), name="billing-import"),
    path("billing/provider-bills", ProviderBillsView.as_view(), name="billing-provider-bills"),
    path(
        "billing/provider-bills/<int:pk>",
        ProviderBillView.as_view(),
        name="billing-provider-bill",
    ),
    path("reports/margin", MarginView.as_view(), name="margin"),
    path("reports/allocations", AllocationsView.as_view(), name="allocations"),
    path("reports/trace", TraceView.as_view(), name="trace"),
    path("events/<path:event>", EventView.as_view(), name="event"),
    path("", include(router.urls)),
]
