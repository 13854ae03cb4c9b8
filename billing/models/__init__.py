"""WHAT IT EARNS: imports, plans, subscriptions and invoices; and cost that is shared."""

from billing.models.decision import Decision
from billing.models.imports import BillingCustomer, BillingImport, ReplacedRow
from billing.models.invoice import Invoice, InvoiceLine
from billing.models.mapping import BillingMapping
from billing.models.payment import PaymentEvent
from billing.models.plan import Plan, PlanPrice, Subscription
from billing.models.pool import AllocationRule, CostPool, CostPoolAmount, CostPoolImport
from billing.models.pull import BillingPull
from billing.models.staged import StagedRow
from billing.models.view import SavedView

__all__ = [
    "AllocationRule",
    "BillingCustomer",
    "BillingImport",
    "BillingMapping",
    "BillingPull",
    "CostPool",
    "CostPoolAmount",
    "CostPoolImport",
    "Decision",
    "Invoice",
    "InvoiceLine",
    "PaymentEvent",
    "Plan",
    "PlanPrice",
    "ReplacedRow",
    "SavedView",
    "StagedRow",
    "Subscription",
]
