"""URLs of the project."""

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from tknops.health import live, ready

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="pages:home")),
    path("admin/", include("billing.pages.urls", namespace="pages")),
    path("admin/", admin.site.urls),
    path("api/v1/", include("usage.api.urls")),
    path("api/v1/", include("billing.api.urls")),
    path("v1/", include("usage.api.otlp_urls")),
    path("api/schema", SpectacularAPIView.as_view(), name="schema"),
    path("api/docs", SpectacularSwaggerSplitView.as_view(url_name="schema"), name="docs"),
    path("health/live", live),
    path("health/ready", ready),
    path("", include("django_prometheus.urls")),
]
handler404 = "usage.api.unhandled.not_found"
handler500 = "usage.api.unhandled.failed"
