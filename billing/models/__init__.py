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
from billing.models.ledger import LedgerAccount, Posting
from billing.models.mapping import BillingMapping
from billing.models.match import MatchRecord
from billing.models.payment import PaymentEvent
from billing.models.plan import LONGEST_COUNT, Interval, Plan, PlanPrice, Subscription
from billing.models.policy import InvoiceSplit, RecognitionPolicy, SubscriptionPause
from billing.models.pool import AllocationRule, CostPool, CostPoolAmount, CostPoolImport
from billing.models.provider_bill import (
    COST_DECIMALS,
    QUANTITY_DECIMALS,
    ProviderImport,
    ProviderInvoice,
    ProviderInvoiceLine,
)
from billing.models.pull import BillingPull
from billing.models.rate import ExchangeRate, RateImport
from billing.models.reconciliation import BilledModel, ReconciliationThreshold, TrueUp
from billing.models.staged import StagedRow
from billing.models.view import SavedView

__all__ = [
    "COST_DECIMALS",
    "LONGEST_COUNT",
    "QUANTITY_DECIMALS",
    "AllocationRule",
    "BilledModel",
    "BillingCustomer",
    "BillingImport",
    "BillingMapping",
    "BillingPull",
    "CheckSignature",
    "CloseRequest",
    "CostPool",
    "CostPoolAmount",
    "CostPoolImport",
    "Decision",
    "ExchangeRate",
    "Interval",
    "Invoice",
    "InvoiceLine",
    "InvoiceSplit",
    "LedgerAccount",
    "MatchRecord",
    "MonthClose",
    "PaymentEvent",
    "Plan",
    "PlanPrice",
    "Posting",
    "ProviderImport",
    "ProviderInvoice",
    "ProviderInvoiceLine",
    "RateImport",
    "RecognitionPolicy",
    "ReconciliationThreshold",
    "Reopening",
    "ReplacedRow",
    "SavedView",
    "StagedRow",
    "Subscription",
    "SubscriptionPause",
    "TieOut",
    "TrueUp",
]
