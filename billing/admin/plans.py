"""Plans and subscriptions."""

from django.contrib import admin
from unfold.admin import ModelAdmin, TabularInline

from billing.models import Plan, PlanPrice, Subscription, SubscriptionPause
from billing.resources import PlanPriceResource, PlanResource
from customers.admin import TableAdmin


class PauseInline(TabularInline):
    """Dated pauses of a subscription."""

    model = SubscriptionPause
    extra = 0


class PlanPriceInline(TabularInline):
    """Dated prices of a plan."""

    model = PlanPrice
    extra = 0


@admin.register(Plan)
class PlanAdmin(TableAdmin):
    """Plans."""

    resource_classes = (PlanResource,)
    list_display = ("code", "name")
    search_fields = ("code", "name")
    inlines = (PlanPriceInline,)


@admin.register(PlanPrice)
class PlanPriceAdmin(TableAdmin):
    """Dated list prices of plans."""

    resource_classes = (PlanPriceResource,)
    list_display = ("plan", "price", "currency", "charged", "valid_from", "valid_to")
    list_select_related = ("plan",)
    autocomplete_fields = ("plan",)
    ordering = ("plan__code", "interval", "interval_count", "valid_from")

    @admin.display(description="every", ordering="interval")
    def charged(self, price: PlanPrice) -> str:
        """Say how often it is charged."""
        return price.every


@admin.register(Subscription)
class SubscriptionAdmin(ModelAdmin):
    """Subscriptions."""

    list_display = (
        "external_id", "billing_customer", "plan", "price", "currency", "charged", "status",
        "start_date", "end_date", "renews_date",
    )  # fmt: skip
    list_select_related = ("billing_customer", "plan")
    list_filter = ("plan", "status")
    search_fields = ("external_id", "billing_customer__name")
    raw_id_fields = ("billing_customer", "billing_import")
    inlines = (PauseInline,)

    @admin.display(description="every", ordering="interval")
    def charged(self, subscription: Subscription) -> str:
        """Say how often it is charged."""
        return subscription.every
