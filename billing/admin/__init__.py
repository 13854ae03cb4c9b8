"""The billing app in the admin: imported rows are read-only."""

from billing.admin.accounts import GroupAdmin, UserAdmin
from billing.admin.decisions import DecisionAdmin
from billing.admin.invoices import BillingImportAdmin, InvoiceAdmin
from billing.admin.plans import PlanAdmin, SubscriptionAdmin
from billing.admin.prices import PriceAdjustmentAdmin, PriceAdmin, PriceRevisionAdmin

__all__ = [
    "BillingImportAdmin",
    "DecisionAdmin",
    "GroupAdmin",
    "InvoiceAdmin",
    "PlanAdmin",
    "PriceAdjustmentAdmin",
    "PriceAdmin",
    "PriceRevisionAdmin",
    "SubscriptionAdmin",
    "UserAdmin",
]
