"""Plans and subscriptions."""

from django.contrib import admin
from unfold.admin import ModelAdmin, TabularInline

from billing.models import Plan, PlanPrice, Subscription


class PlanPriceInline(TabularInline):
    """Dated prices of a plan."""

    model = PlanPrice
    extra = 0


@admin.register(Plan)
class PlanAdmin(ModelAdmin):
    """Plans."""

    list_display = ("code", "name")
    search_fields = ("code", "name")
    inlines = (PlanPriceInline,)


@admin.register(Subscription)
class SubscriptionAdmin(ModelAdmin):
    """Subscriptions."""

    list_display = (
        "external_id", "billing_customer", "plan", "price", "currency", "interval", "status",
        "start_date", "end_date", "renews_date",
    )  # fmt: skip
    list_select_related = ("billing_customer", "plan")
    list_filter = ("plan", "status")
    search_fields = ("external_id", "billing_customer__name")
    raw_id_fields = ("billing_customer", "billing_import")
