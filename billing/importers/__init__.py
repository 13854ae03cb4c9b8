"""Billing files → customers, plans, subscriptions and invoices: one profile per format."""

from billing.importers.apply import apply_import, undo_import
from billing.importers.preview import Preview, preview
from billing.importers.profiles import PROFILES

__all__ = ["PROFILES", "Preview", "apply_import", "preview", "undo_import"]
