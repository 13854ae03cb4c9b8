"""Billing files → customers, plans, subscriptions and invoices: one profile per format.

A file is staged (read whole, checked, looked at), then applied in one transaction, or given up.
"""

from billing.importers.apply import apply_import
from billing.importers.errors import ImportRefusedError
from billing.importers.look import Look, look
from billing.importers.profiles import PROFILES
from billing.importers.stage import receive, stage
from billing.importers.undo import undo_import
from billing.importers.whole import import_file

__all__ = [
    "PROFILES",
    "ImportRefusedError",
    "Look",
    "apply_import",
    "import_file",
    "look",
    "receive",
    "stage",
    "undo_import",
]
