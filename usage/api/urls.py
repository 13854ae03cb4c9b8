"""URLs under /api/v1/."""

from django.urls import include, path
from rest_framework.routers import SimpleRouter

import usage.api.openapi.scheme  # noqa: F401 - registers the scheme
from usage.api.events import events, litellm
from usage.api.reading import (
    FeatureViewSet,
    PriceViewSet,
    SdkProcessViewSet,
    SourceViewSet,
)

router = SimpleRouter(trailing_slash=False)
router.register("features", FeatureViewSet, basename="feature")
router.register("prices", PriceViewSet, basename="price")
router.register("sdk-processes", SdkProcessViewSet, basename="sdk-process")
router.register("sources", SourceViewSet, basename="source")

urlpatterns = [
    path("events", events, name="events"),
    path("integrations/litellm", litellm, name="litellm"),
    path("", include(router.urls)),
]
