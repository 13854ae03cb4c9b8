"""Billing files → customers, plans, subscriptions, invoices and payments: one profile per format.

A file is staged (read whole, checked, looked at), then applied in one transaction, or given up.
"""

from billing.importers.apply import apply_import
from billing.importers.decide import expire, give_up
from billing.importers.errors import ImportRefusedError
from billing.importers.file_errors import FileError, LineError
from billing.importers.kept import TooLargeError, keep, kept_file
from billing.importers.look import Look, look
from billing.importers.mapped import lacking
from billing.importers.peek import Peek, peek
from billing.importers.profiles import PROFILES
from billing.importers.receive import profile_names, profile_of, receive
from billing.importers.said import CHOICES, checked
from billing.importers.save import save_mapping
from billing.importers.stage import read_again, stage
from billing.importers.stripe_http import StripeError, key_problem
from billing.importers.stripe_pull import begin_pull, start_pull
from billing.importers.together import MOST_FILES, in_order, read_alike, waits
from billing.importers.undo import undo_import
from billing.importers.whole import import_file

__all__ = [
    "CHOICES",
    "MOST_FILES",
    "PROFILES",
    "FileError",
    "ImportRefusedError",
    "LineError",
    "Look",
    "Peek",
    "StripeError",
    "TooLargeError",
    "apply_import",
    "begin_pull",
    "checked",
    "expire",
    "give_up",
    "import_file",
    "in_order",
    "keep",
    "kept_file",
    "key_problem",
    "lacking",
    "look",
    "peek",
    "profile_names",
    "profile_of",
    "read_again",
    "read_alike",
    "receive",
    "save_mapping",
    "stage",
    "start_pull",
    "undo_import",
    "waits",
]
