"""URLs of the pages, beside the admin's own."""

from django.contrib import admin
from django.urls import path

from billing.pages import (
    costs,
    customer,
    customers,
    health,
    home,
    imports,
    jobs,
    matching,
    overview,
    plans,
    setup,
    usage_upload,
)
from billing.pages.explorer import cell, explore, saved

app_name = "pages"
urlpatterns = [
    path("", home.home, name="home"),
    path("records", admin.site.admin_view(admin.site.index), name="records"),
    path("overview", overview.overview, name="overview"),
    path("customers", customers.customers, name="customers"),
    path("customer/<path:external_id>", customer.customer, name="customer"),
    path("plans", plans.plans, name="plans"),
    path("features", costs.features, name="features"),
    path("models", costs.models, name="models"),
    path("explorer", explore.explorer, name="explorer"),
    path("explorer/values", explore.suggested, name="explorer-values"),
    path("explorer/cell", cell.cell, name="explorer-cell"),
    path("explorer/views", saved.views, name="explorer-views"),
    path("explorer/save", saved.save_view, name="explorer-save"),
    path("explorer/views/<int:pk>", saved.open_view, name="explorer-view"),
    path("explorer/views/<int:pk>/update", saved.update_view, name="explorer-update"),
    path("explorer/views/<int:pk>/copy", saved.copy_view, name="explorer-copy"),
    path("explorer/views/<int:pk>/delete", saved.delete_view, name="explorer-delete"),
    path("setup", setup.setup, name="setup"),
    path("setup/first-event", setup.first_event, name="first-event"),
    path("setup/key", setup.setup_key, name="setup-key"),
    path("setup/remove-demo", setup.remove_demo, name="remove-demo"),
    path("matching", matching.matching, name="matching"),
    path("matching/match", matching.match, name="match"),
    path("data-health", health.data_health, name="data-health"),
    path("import-billing", imports.billing_upload, name="billing-upload"),
    path("import-billing/template.csv", imports.billing_template, name="billing-template"),
    path("import-billing/<int:pk>", imports.billing_import, name="billing-import"),
    path("import-billing/<int:pk>/apply", imports.billing_apply, name="billing-apply"),
    path("import-billing/<int:pk>/discard", imports.billing_discard, name="billing-discard"),
    path("import-billing/<int:pk>/undo", imports.billing_undo, name="billing-undo"),
    path("upload-usage", usage_upload.usage_upload, name="usage-upload"),
    path("upload-usage/<str:token>", usage_upload.usage_columns, name="usage-columns"),
    path("job/<int:pk>", jobs.job, name="job"),
    path("job/<int:pk>/state", jobs.job_state, name="job-state"),
    path("job/<int:pk>/cancel", jobs.job_cancel, name="job-cancel"),
]
