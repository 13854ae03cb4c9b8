"""Billing files → customers, plans, subscriptions, invoices and payments: one profile per format.

A file is staged (read whole, checked, looked at), then applied in one transaction, or given up.
"""

from billing.importers.apply import apply_import
from billing.importers.decide import expire, give_up
from billing.importers.errors import ImportRefusedError
from billing.importers.look import Look, look
from billing.importers.profiles import PROFILES
from billing.importers.receive import profile_names, profile_of, receive
from billing.importers.stage import read_again, stage
from billing.importers.undo import undo_import
from billing.importers.whole import import_file

__all__ = [
    "PROFILES",
    "ImportRefusedError",
    "Look",
    "apply_import",
    "expire",
    "give_up",
    "import_file",
    "look",
    "profile_names",
    "profile_of",
    "read_again",
    "receive",
    "stage",
    "undo_import",
]
