"""WHAT IT EARNS: imports, plans, subscriptions and invoices; and cost that is shared."""

from billing.models.closing import (
    CheckSignature,
    CloseRequest,
    MonthClose,
    Reopening,
    TieOut,
)
from billing.models.decision import Decision
from billing.models.imports import BillingCustomer, BillingImport, ReplacedRow
from billing.models.invoice import Invoice, InvoiceLine
from billing.models.plan import Plan, PlanPrice, Subscription
from billing.models.pool import AllocationRule, CostPool, CostPoolAmount, CostPoolImport
from billing.models.staged import StagedRow
from billing.models.view import SavedView

__all__ = [
    "AllocationRule",
    "BillingCustomer",
    "BillingImport",
    "CheckSignature",
    "CloseRequest",
    "CostPool",
    "CostPoolAmount",
    "CostPoolImport",
    "Decision",
    "Invoice",
    "InvoiceLine",
    "MonthClose",
    "Plan",
    "PlanPrice",
    "Reopening",
    "ReplacedRow",
    "SavedView",
    "StagedRow",
    "Subscription",
    "TieOut",
]
