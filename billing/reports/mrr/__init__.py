"""Monthly recurring revenue: what recurs, how it moved, what of it stayed."""

from billing.reports.mrr.book import MrrBook, mrr_book
from billing.reports.mrr.contracts import Contract
from billing.reports.mrr.movements import KINDS, Month, Movement
from billing.reports.mrr.retention import Retention, margin_nrr, retention

__all__ = [
    "KINDS",
    "Contract",
    "Month",
    "Movement",
    "MrrBook",
    "Retention",
    "margin_nrr",
    "mrr_book",
    "retention",
]
