"""Closing months: what must be true or signed, the frozen file, its chain, and opening again."""

from billing.closing.adjustments import Adjustment, adjustments
from billing.closing.checks import CHECKS, Check, Finding
from billing.closing.close import Preview, close_month, preview
from billing.closing.errors import ClosingError
from billing.closing.months import (
    Closing,
    closed_within,
    closings,
    in_force,
    left_open,
    next_to_close,
)
from billing.closing.reopen import reopen_month
from billing.closing.requests import ask, decide, waiting
from billing.closing.signing import Checked, checked, sign
from billing.closing.tie_out import TieLine, enter, figures_of, tie_lines
from billing.closing.verify import verify_closed

__all__ = [
    "CHECKS",
    "Adjustment",
    "Check",
    "Checked",
    "Closing",
    "ClosingError",
    "Finding",
    "Preview",
    "TieLine",
    "adjustments",
    "ask",
    "checked",
    "close_month",
    "closed_within",
    "closings",
    "decide",
    "enter",
    "figures_of",
    "in_force",
    "left_open",
    "next_to_close",
    "preview",
    "reopen_month",
    "sign",
    "tie_lines",
    "verify_closed",
    "waiting",
]
