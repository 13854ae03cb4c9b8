"""Tracked against billed cost by provider and UTC month; what is between them in parts."""

from billing.reconciliation.compare import Compared
from billing.reconciliation.history import history
from billing.reconciliation.names import remember, remembered, suggested
from billing.reconciliation.parts import PARTS, Billed, Tracked
from billing.reconciliation.reconcile import Reconciliation, reconcile
from billing.reconciliation.thresholds import AMBER, GREEN, NO_BILL, RED
from billing.reconciliation.tracked import around
from billing.reconciliation.true_up import TrueUpRefusedError, left_of, post_true_up, undo_true_up

__all__ = [
    "AMBER",
    "GREEN",
    "NO_BILL",
    "PARTS",
    "RED",
    "Billed",
    "Compared",
    "Reconciliation",
    "Tracked",
    "TrueUpRefusedError",
    "around",
    "history",
    "left_of",
    "post_true_up",
    "reconcile",
    "remember",
    "remembered",
    "suggested",
    "undo_true_up",
]
