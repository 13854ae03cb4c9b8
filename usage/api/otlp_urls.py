"""URLs under /v1/, where OTLP exporters send by their specification."""

from django.urls import path

from usage.api.traces import not_taken, traces

urlpatterns = [
    path("traces", traces, name="traces"),
    path("metrics", not_taken, name="metrics"),
    path("logs", not_taken, name="logs"),
]
