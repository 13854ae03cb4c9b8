"""Bills of providers → lines: staged and looked at first, then counted whole, undone as a unit."""

from billing.provider_bills.apply import apply_bill, give_up_bill, undo_bill
from billing.provider_bills.conflicts import REPORTS, imported_before
from billing.provider_bills.receive import AUTO, FORMATS, receive_bill
from billing.provider_bills.stage import stage_bill
from billing.provider_bills.template import COLUMNS
from billing.provider_bills.work import job_of, start_bill

__all__ = [
    "AUTO",
    "COLUMNS",
    "FORMATS",
    "REPORTS",
    "apply_bill",
    "give_up_bill",
    "imported_before",
    "job_of",
    "receive_bill",
    "stage_bill",
    "start_bill",
    "undo_bill",
]
