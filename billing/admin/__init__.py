"""The billing app in the admin: imported rows are read-only."""

from billing.admin.accounts import GroupAdmin, UserAdmin
from billing.admin.decisions import DecisionAdmin
from billing.admin.invoices import (
    BillingImportAdmin,
    BillingMappingAdmin,
    BillingPullAdmin,
    InvoiceAdmin,
    PaymentEventAdmin,
)
from billing.admin.look_first import LookFirst
from billing.admin.plans import PlanAdmin, SubscriptionAdmin
from billing.admin.pools import CostPoolAdmin
from billing.admin.prices import PriceAdjustmentAdmin, PriceAdmin, PriceRevisionAdmin
from billing.admin.rates import ExchangeRateAdmin
from billing.admin.recognition import InvoiceSplitAdmin, RecognitionPolicyAdmin
from billing.admin.reconciliation import (
    BilledModelAdmin,
    LedgerAccountAdmin,
    ReconciliationThresholdAdmin,
)
from billing.admin.rules import AttributionRuleAdmin

__all__ = [
    "AttributionRuleAdmin",
    "BilledModelAdmin",
    "BillingImportAdmin",
    "BillingMappingAdmin",
    "BillingPullAdmin",
    "CostPoolAdmin",
    "DecisionAdmin",
    "ExchangeRateAdmin",
    "GroupAdmin",
    "InvoiceAdmin",
    "InvoiceSplitAdmin",
    "LedgerAccountAdmin",
    "LookFirst",
    "PaymentEventAdmin",
    "PlanAdmin",
    "PriceAdjustmentAdmin",
    "PriceAdmin",
    "PriceRevisionAdmin",
    "RecognitionPolicyAdmin",
    "ReconciliationThresholdAdmin",
    "SubscriptionAdmin",
    "UserAdmin",
]
