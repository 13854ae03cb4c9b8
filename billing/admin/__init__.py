"""The billing app in the admin: imported rows are read-only."""

from billing.admin.accounts import GroupAdmin, UserAdmin
from billing.admin.invoices import BillingImportAdmin, InvoiceAdmin
from billing.admin.plans import PlanAdmin, SubscriptionAdmin

__all__ = [
    "BillingImportAdmin",
    "GroupAdmin",
    "InvoiceAdmin",
    "PlanAdmin",
    "SubscriptionAdmin",
    "UserAdmin",
]
