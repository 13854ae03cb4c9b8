"""Files of exchange rates: read and compared whole, written in one transaction, taken back."""

from billing.rate_files.apply import apply_rates, undo_rates
from billing.rate_files.read import SOURCE, read_rates

__all__ = ["SOURCE", "apply_rates", "read_rates", "undo_rates"]
