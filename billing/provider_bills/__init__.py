"""Bills of providers → lines: staged and looked at first, then counted whole, undone as a unit."""

from billing.provider_bills.apply import apply_bill, undo_bill
from billing.provider_bills.conflicts import REPORTS
from billing.provider_bills.stage import stage_bill
from billing.provider_bills.template import COLUMNS

__all__ = ["COLUMNS", "REPORTS", "apply_bill", "stage_bill", "undo_bill"]
