"""URLs of the pages, beside the admin's own."""

from django.urls import path

from billing.pages import (
    costs,
    customer,
    customers,
    health,
    matching,
    overview,
    plans,
    setup,
    uploads,
)

app_name = "pages"
urlpatterns = [
    path("overview", overview.overview, name="overview"),
    path("customers", customers.customers, name="customers"),
    path("customer/<path:external_id>", customer.customer, name="customer"),
    path("plans", plans.plans, name="plans"),
    path("features", costs.features, name="features"),
    path("models", costs.models, name="models"),
    path("setup", setup.setup, name="setup"),
    path("setup/first-event", setup.first_event, name="first-event"),
    path("setup/remove-demo", setup.remove_demo, name="remove-demo"),
    path("matching", matching.matching, name="matching"),
    path("matching/match", matching.match, name="match"),
    path("data-health", health.data_health, name="data-health"),
    path("import-billing", uploads.billing_upload, name="billing-upload"),
    path("import-billing/<int:pk>/undo", uploads.billing_undo, name="billing-undo"),
    path("upload-usage", uploads.usage_upload, name="usage-upload"),
]
